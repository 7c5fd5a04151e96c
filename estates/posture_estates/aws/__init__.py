"""An emulated AWS account over real sockets, which can be filled, spoiled and made to refuse, for tests and demos."""

from posture_estates.aws.exchange import ACCOUNT, CALLER
from posture_estates.aws.gate import Gate, Record
from posture_estates.aws.seeds import Condition, refuse, seed
from posture_estates.aws.seeds.truth import WRONG, Wrong, located
from posture_estates.aws.server import AwsServer

__all__ = [
    "ACCOUNT",
    "CALLER",
    "WRONG",
    "AwsServer",
    "Condition",
    "Gate",
    "Record",
    "Wrong",
    "located",
    "refuse",
    "seed",
]
