"""The list of hosts that advertise and follow people: the one that posture brings, or one that the user names.

`list.txt` is made from two filter lists of AdGuard; its head says which, of what date, and under what licence.
``python -m posture_endpoint.trackerlist FILE...`` makes such a file anew from filter lists in Adblock syntax.
"""
