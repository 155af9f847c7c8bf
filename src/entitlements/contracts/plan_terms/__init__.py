"""Terms of sale beside rights and dates: numbers by quantity, lead times, renewal."""
