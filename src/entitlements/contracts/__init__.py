"""What was promised? Products, plans, contracts and what happened to them.

Start reading at `products` and `plans`, go on to `contract` and `changes`, then `account` and
`catalog`; end at `standing`, which derives from all of them whether a line is in force.
"""
