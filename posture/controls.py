"""Control ids of other frameworks that each family of claims bears on, with the edition they are taken from."""

import msgspec


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """Control ids per framework: NIST SP 800-53 rev. 5, ISO/IEC 27001:2022 Annex A, SOC 2 (TSC 2017), HECVAT 4."""

    nist_800_53r5: tuple[str, ...]
    iso_27001_2022: tuple[str, ...]
    soc2: tuple[str, ...]
    hecvat_4: tuple[str, ...]


def _ids(nist: str, iso: str, soc2: str, hecvat: str) -> Controls:
    return Controls(
        nist_800_53r5=tuple(nist.split()),
        iso_27001_2022=tuple(iso.split()),
        soc2=tuple(soc2.split()),
        hecvat_4=tuple(hecvat.split()),
    )


CONTROLS: dict[str, Controls] = {
    "transit.external": _ids("SC-8 SC-8(1) SC-13 SC-23", "A.5.14 A.8.20 A.8.24", "CC6.7 CC6.1", "DATA-02"),
    "transit.internal": _ids("SC-8 SC-8(1) SC-7", "A.8.20 A.8.21 A.8.24", "CC6.7", "DATA-02"),
    "transit.certificate": _ids("SC-17 SC-12 IA-5(2)", "A.8.24", "CC6.7", "DATA-02"),
    "rest.primary": _ids("SC-28 SC-28(1) SC-13", "A.8.24 A.5.33", "CC6.1", "DATA-03"),
    "rest.keys": _ids("SC-12 SC-12(1) SC-12(2) SC-12(3) SC-28(3)", "A.8.24", "CC6.1", "DATA-03"),
    "rest.double": _ids("SC-28(1)", "A.8.24", "CC6.1", "DATA-03"),
    "backup.encrypted": _ids("CP-9(8) SC-28 MP-4", "A.8.13 A.8.24", "A1.2 CC6.1", "DATA-03"),
    "backup.exists": _ids("CP-9 CP-9(1) CP-9(3)", "A.8.13", "A1.2 A1.3", "DATA DRP"),
    "hosting.location": _ids("SA-9(5) CM-8", "A.5.23", "CC9.2", "DCTR COMP"),
    "access.role": _ids("AC-2 AC-3 AC-6 AC-6(1)", "A.5.15 A.5.18 A.8.2 A.8.3", "CC6.1 CC6.2 CC6.3", "AAAI"),
    "access.credentials": _ids("AC-2(3) IA-5 PS-4", "A.5.16 A.5.17 A.5.18", "CC6.2 CC6.3", "AAAI"),
    "exposure.public": _ids("AC-3 SC-7 AC-22", "A.8.3 A.8.20 A.8.22", "CC6.6", "DATA-01"),
    "logging.audit": _ids("AU-2 AU-9 AU-11 AU-12", "A.8.15 A.8.16", "CC7.2", "AAAI OPEM"),
    "monitoring.detection": _ids("SI-4 RA-5 CA-7", "A.8.8 A.8.16", "CC7.1 CC7.2", "OPEM VULN"),
    "deletion.retention": _ids("SI-12 MP-6 AU-11", "A.8.10 A.5.33", "CC6.5 C1.2", "DATA"),
    "disclosure.tracking": _ids("PT-2 PT-3 AC-21", "A.5.34", "P3.1 P6.1", "DATA"),
    "policy.published": _ids("PT-5 PM-20", "A.5.34", "P1.1", "DOCU"),
}
