"""Terms of a plan beside its rights: numbers by quantity, lead time, price and credits."""
