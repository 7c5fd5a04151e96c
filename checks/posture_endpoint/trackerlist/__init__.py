"""The list of hosts that advertise and follow people: the one that posture brings, or one that the user names.

``shipped.txt.gz`` holds the rules about hosts of two filter lists of AdGuard, which take up EasyList and EasyPrivacy.
It is under the GNU General Public License, version 3 (LICENSES/GPL-3.0-only.txt); its head names the lists and their
versions. It came from the npm package @adguard/dnr-rulesets 3.3.20260320140136: in rulesets 2 and 3, as
``rawFilterList``. ``python -m posture_endpoint.trackerlist FILE... > list.txt`` makes such a file from filter lists in
Adblock syntax; a target names it in ``trackers``.
"""
