"""Which exit code and which line an error earns."""

from posture.documents import DocumentError, NotFetchedError
from posture.gate import Exit
from posture.registry import RegistryError
from posture.run.directory import IntegrityError, RunError
from posture.yamlfile import FileError


def explain(error: Exception) -> tuple[str, Exit]:
    """The line to print and the code to end with."""
    match error:
        case FileError() | RegistryError() | RunError():
            return str(error), Exit.USAGE
        case NotFetchedError():
            return str(error), Exit.UNREACHED
        case DocumentError():
            return str(error), Exit.USAGE
        case IntegrityError():
            return f"{error}. Do not rely on this run; scan again or fetch an intact copy.", Exit.INTEGRITY
        case ModuleNotFoundError():
            return _missing(error), Exit.USAGE
        case OSError(filename=str() as name):
            return f"{name}: {error.strerror or error}; check the path and your rights to it", Exit.USAGE
        case OSError():
            return f"{error.strerror or error}; a file or folder could not be used", Exit.USAGE
        case _:
            detail = f"{type(error).__name__}: {error}"
            return f"internal error: {detail} (set POSTURE_DEBUG=1 to see where, and please report it)", Exit.INTERNAL


def _missing(error: ModuleNotFoundError) -> str:
    name = (error.name or "").partition(".")[0]
    extra = {
        "boto3": "aws",
        "botocore": "aws",
        "azure": "azure",
        "requests": "azure",
        "sslyze": "endpoint",
        "nassl": "endpoint",
        "cryptography": "endpoint",
        "lxml": "documents",
        "pypdf": "documents",
        "docx": "documents",
        "moto": "demo",
        "flask": "demo",
    }
    if name in extra:
        return f"{name} is not installed; it comes with the extra: pip install 'posture[{extra[name]}]'"
    return f"the module {error.name} is not installed"
