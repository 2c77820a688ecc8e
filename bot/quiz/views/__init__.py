"""What a quiz has to say goes in; pages come out that every platform draws its own way."""
