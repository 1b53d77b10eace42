"""What the studio puts into nobody's mouth: a family reads its lists aloud, and computer voices say them."""

from collections.abc import Sequence
from hashlib import sha256

# Beginnings of the SHA-256 of how rude words of six languages sound, so that nobody has to read them here.
_HASHES = """
005eb22786 007a08f8b3 013f425303 02dd7753bc 042372d0e1 05b6901146 077bd2fbb3 086412bf1c 0a47bb2876 0ad164bd60
0b23cbe3ac 0d8ac71682 0ef0431ded 15d748fd71 192594cb8d 1cd490c560 1ec96b9616 1ecbe16f1b 2076584e3f 216e3eea90
2697ebd5a8 26c695859c 286ea1fc8e 290eeff0e3 29366f2f7e 2cdefbb804 2d0813be19 321611fe6d 3245aa3b05 3373cb7de9
3b6e45a3b6 3e38d6d3e6 40678211fd 408506ebf8 4491cce765 486a7fc874 489a845537 4b4d5589e1 4bc7a40520 4c0a98edf2
4d851155f0 4f24353ec2 4f9171793c 518c034653 530b81a8bc 571d374073 576184035c 5b166df1d9 5dd95c98af 5e14ee66db
627db987c0 63dfbc4b4d 64f8e862fd 65b8621c65 6ab9d3b8a3 6ada028b2d 6e2d009d55 6ffec35d27 70399ce85d 717a9be252
75d0e3b1c4 779cfbf6e7 77be1a000a 782c3f7936 7959d847e5 7af9a02707 7c5439aaae 7eefc77af1 80b3c662db 81eb446549
842324cf0d 84bda33918 88b862be65 8da6b4bcd5 8dea0cd5bc 8f832fde50 90e60a8546 922c539bec 93960befb3 94d545d78b
9e00237631 9e0887f1ad 9e9db852c0 a07bed8c92 a37c004dc0 a506920f0a a6d9a85dd1 a8e324f79d af45dcb95d af871e69c0
b2eea898bf b47232afae b4f309f20d b632ee55b9 b7230d1f9a b9891a495e b9d2d98835 bb15991eb4 bb7b7faecd c4413852da
c5103ea90b c6452b4414 c6b5a71b09 c8102e6767 c8aaa1d966 cbe417390c cc47aaf48b cc727f1817 cd15ec7d7d cf4c05bf8a
d0013c2e0a d31ffffddf d417d04a68 d5acfe72ab d92c9e5f21 dfa47f1108 e2872fbf49 e7f332d6b1 ee33ff9b5d eee594b4f4
ef15cb7f47 efd02aaa98 f393d28f8f f614c2a632 f6aef3a96a f6b15ada05 f6c1708525 f9cf57cc32 fce049ee43 feff9d1d03
"""
_UNSAID = frozenset(_HASHES.split())


def is_unsaid(phonemes: Sequence[str]) -> bool:
    """Whether a word that was made by changing a sound is a rude one."""
    return sha256("".join(phonemes).encode()).hexdigest()[:10] in _UNSAID
