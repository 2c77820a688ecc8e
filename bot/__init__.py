"""Who talks, and what is said: chat platforms at the top, one path for every question, the model and the state below."""
