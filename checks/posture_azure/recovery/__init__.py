"""Recovery Services vaults, the items they protect and the policies that say how long they keep them.

Site Recovery, which keeps copies in the same vaults, is not read here.
"""
