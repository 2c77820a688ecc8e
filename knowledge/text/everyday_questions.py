"""Questions about everyday matters, which notes do not answer: what they find by chance is what a threshold is set by."""

from __future__ import annotations

EVERYDAY = """\
红烧肉怎么做才好吃？
明天会下雨吗？
怎么修自行车的链条？
有什么好看的小说推荐？
孩子发烧了怎么办？
怎样学弹吉他？
从上海到杭州坐什么车最快？
现在房贷利率是多少？
猫为什么喜欢纸箱？
怎么减肥不反弹？
咖啡和茶哪个更提神？
头疼吃什么药？
附近有哪家火锅好吃？
护照过期了怎么换？
冰箱不制冷是什么原因？
种番茄什么时候浇水？
长城有多长？
感冒多久能好？
怎样做红茶蛋糕？
羽绒服可以机洗吗？
足球越位是怎么判的？
秋天适合去哪里旅游？
How do I bake bread?
What is the capital of Peru?
When does the next train leave?
Which vitamins are in carrots?
How can I fix a leaking tap?
Who won the football match last night?
Why do cats purr?
What should I wear to a wedding?
How long does it take to boil an egg?
Where can I buy cheap shoes?
""".splitlines()
