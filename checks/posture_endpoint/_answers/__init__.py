"""How each operation of endpoints is answered: one module per operation family, each with a function of an Asking."""
