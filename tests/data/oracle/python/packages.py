"""Names of packages and of wheels, requirements and versions, as `packaging` reads them."""

import itertools
import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion

NAMES = [
    "a", "A", "Flask-Login", "flask_login", "FLASK.login", "flask-_.login", "a--b", "a..b", "a__b", "-a", "a-", "_a_", ".a", "a.-_.b", "zope.interface",
    "ruamel.yaml.clib", "backports.ssl_match_hostname", "PyYAML", "Jinja2", "0x10c-asm", "7", "3to2", "\u00e4", "\u00c4", "\u0130", "A\u0130", "\u1e9e", "\u03a3", "a\u03a3", "", " ", "a b", "a/b", "a+b", "-._", "\u212a",
]  # fmt: skip

WHEELS = [
    "a-1-py3-none-any.whl", "a-1-1-py3-none-any.whl", "a-1-1a-py3-none-any.whl", "a-1-2_local-py3-none-any.whl", "a-1-a1-py3-none-any.whl", "a-1--py3-none-any.whl", "a-1-01-py3-none-any.whl", "a-1-1.2-py3-none-any.whl", "a-1-_-py3-none-any.whl",
    "a-1-py3-none.whl", "a-1-py3.whl", "a.whl", ".whl", "", "a-1-py3-none-any", "a-1-py3-none-any.WHL", "a-1-py3-none-any.whl.whl", "a-1-py3-none-any.whl ", " a-1-py3-none-any.whl", "a-1-1-1-py3-none-any.whl", "a-b-c-d-e-f-g.whl",
    "A_B-1-py3-none-any.whl", "a__b-1-py3-none-any.whl", "a.b-1-py3-none-any.whl", "_a-1-py3-none-any.whl", "a_-1-py3-none-any.whl", ".a-1-py3-none-any.whl", "a+b-1-py3-none-any.whl", "a!b-1-py3-none-any.whl", "\u00e4-1-py3-none-any.whl", "-1-py3-none-any.whl", "a b-1-py3-none-any.whl", "__a-1-py3-none-any.whl", "..-1-py3-none-any.whl", ".-1-py3-none-any.whl", "_-1-py3-none-any.whl",
    "a-1.0.0-py3-none-any.whl", "a-1!2.0-py3-none-any.whl", "a-1.0+cpu-py3-none-any.whl", "a-1.0+cu12.1_x-py3-none-any.whl", "a-1.0.dev1-py3-none-any.whl", "a-1.0a1-py3-none-any.whl", "a-1_0-py3-none-any.whl", "a-1.0_post1-py3-none-any.whl", "a-v1-py3-none-any.whl", "a-1.-py3-none-any.whl", "a-x-py3-none-any.whl", "a-1x-py3-none-any.whl", "a--py3-none-any.whl", "a-..-py3-none-any.whl", "a-1.0%2Bcpu-py3-none-any.whl", "a-1.0+-py3-none-any.whl", "a-2023c-py3-none-any.whl", "a-1.0.0.0.0.0-py3-none-any.whl", "a-1.0RC1-py3-none-any.whl",
    "a-1-py2.py3-none-any.whl", "a-1-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", "a-1-cp39-abi3-manylinux2014_aarch64.whl", "a-1-CP313-CP313-WIN_AMD64.whl", "a-1-py3-none-macosx_11_0_universal2.whl", "a-1-py3--any.whl", "a-1--none-any.whl", "a-1-py3-none-.whl", "a-1-py3..py2-none-any.whl", "a-1-.-none-any.whl", "a-1-py3-none-a/b.whl", "a/b-1-py3-none-any.whl", "../a-1-py3-none-any.whl", "a-1-py3-none-any\n.whl", "a-1-py3-none-any.any.whl", "a-1-py3 -none-any.whl", "a-1-py3-none-\u00e4.whl", "a-1-cp313-cp313t-linux_x86_64.whl", "a-1-pp310-pypy310_pp73-any.whl", "a-1-py3-none-any_.whl", "a-1-py3-n+ne-any.whl", "a-1-py3-none-a!y.whl",
]  # fmt: skip

REQUIREMENTS = [
    "a", "A", "a.b", "a-b", "a_b", "a--b", "-a", "a-", "_a", "a_", ".a", "a.", "1", "1a", "a1", "\u00e4", "", " ", " a ", "a b", "a,b", "a;b", "a!", "a$", "a/b", "./a", "../a", "/a", "~/a", "a\\b", "C:\\a", "a:b", "a+b", "a.whl", "a.txt", "a.toml", "a.tar.gz", "a.zip", "setup.py",
    "a==1", "a == 1", "a==  1", "a==1.0.0", "a==1.*", "a==*", "a==1.0.*", "a!=1.*", "a>=1.*", "a~=1", "a~=1.0", "a~=1.*", "a===1", "a===foo", "a=== foo bar", "a===", "a=1", "a= =1", "a=>1", "a=<1", "a<>1", "a<1", "a>1", "a<=1", "a>=1", "a^1", "a~1", "a@1", "a 1", "a v1", "a==v1", "a==1a", "a==1.0a1", "a==1.0-1", "a==1-1-1", "a==1!2", "a==1+cpu", "a>=1+cpu", "a==1+cu_1", "a==", "a>", "a>=", "a=", "a~", "a!", "a==1;", "a==1 2", "a== 1 , 2", "a==1==2", "a==1.", "a==.1", "a==x", "a==1x", "a==1/2", "a==\u00e9", "a==1\u00e9", "a==\"1\"", "a=='1'", "a==1=", "a==${V}",
    "a>=1,<2", "a >= 1 , < 2", "a>=1 <2", "a>=1,", "a,>=1", "a>=1,,<2", "a>=1,<2,", "a>=1;<2", "a>=1,<2,!=1.5", "a (>=1)", "a(>=1)", "a(>=1,<2)", "a (>=1", "a >=1)", "a ()", "a()", "a((>=1))", "a (1)", "a (>=1) (<2)", "a(>=1),<2", "a (>=1,)", "a( >= 1 )", "(a)", "(a>=1)",
    "a[b]", "a[b,c]", "a [b]", "a[ b , c ]", "a[]", "a[ ]", "a[b", "ab]", "a[b]]", "a[[b]]", "a[b][c]", "a[b c]", "a[,b]", "a[b,]", "a[b;c]", "a[-b]", "a[b-]", "a[b.c_d-e]", "a[\u00e4]", "a[b]==1", "a[b] == 1", "a[b]1", "a[b]c", "a[1]", "a[*]", "[b]", "a[b=1]", "a[b/c]", "a==1[b]",
    "a @ https://h/a.whl", "a@https://h/a.whl", "a @https://h", "a@ https://h", "a @ h", "a @", "a@", "a @ ", "a @ file:///a", "a @ ./a", "a @ /a", "a @ git+https://h/a.git", "a @ git+https://h/a.git@v1#egg=a", "a @ https://h/a b", "a @ https://h ; os_name=='x'", "a @ https://h; os_name=='x'", "a @ https://h;os_name=='x'", "a[b] @ https://h", "a==1 @ https://h", "a @ https://h ==1", "a @@ https://h", "@ https://h", "https://h/a.whl", "git+https://h/a.git", "git+ssh://git@h/a", "http:", "file:a", "a @ https://${T}@h/a", "a @ #", "a @ ;", "a @ ; os_name=='x'",
    "a;os_name=='x'", "a ; os_name == 'x'", "a; os_name=='x' and python_version>'3'", "a;python_version<'3.8'", "a; python_version in '3.8'", "a;os_name=='x", "a;", "a ; ", "a;;", "a; x", "a; x=='y'", "a; extra == 'b'", "a;os_name", "a;'x'=='y'", "a; (os_name=='x')", "a; (os_name=='x'", "a; os_name=='x' or", "a; os_name='x'", "a; python_version>=3", "a==1;os_name=='x'", "a==1;os_name=='x';", "a>=1,<2;python_version>='3' and sys_platform!='win32'", "a; os_name == \"x\"", "a; not os_name=='x'", "a; sys.platform=='x'", "a; python_implementation=='x'", "a;platform_machine not in 'x y'", "a[b]>=1,<2;os_name=='x'", "a#b", "a # b", "a==1 # b", "a==1 --hash=sha256:00", "a --pre", "--pre", "-r x", "-e .", "-", "--", "-a b",
    "torch>=2.3", "uvicorn[standard]==0.30.1", "torch==2.3.0+cu121", "numpy<2", "scikit-learn", "PyYAML~=6.0", "tensorflow>=2.15,!=2.16.0", "transformers[torch,sentencepiece]>=4.40", "a\tb", "a\t==1", "a==1\t", "a\n", "a==1\nb", "a\\", "a==1\\", "a\u00a0==1", "a==\u00a01", "a==1,\u00a0<2", "a;\u00a0os_name=='x'",
]  # fmt: skip

# Numbers of builds, by which wheels of one version are ordered.
BUILDS = ["1", "2", "02", "10", "9", "100", "1a", "1b", "1_a", "01a", "0", "00", "1.1", "18446744073709551616", "18446744073709551615", "2_local", "10a", "1A"]  # fmt: skip

URLS = [
    "https://h/a.whl", "https://h/a%2Bb.whl", "https://h/a%2bb.whl", "https://h/a+b.whl", "https://h/a%20b", "https://h/a%", "https://h/a%2", "https://h/a%zz", "https://h/%", "https://h/%%41", "https://h/%4%41", "https://h/a?b=c/d", "https://h/a#b/c", "https://h/a#b?c", "https://h/a?b#c", "https://h/", "https://h/a/", "a", "a/b", "/a/b", "./a", "", "https://h/%C3%A4", "https://h/%E4", "https://h/\u00e4", "https://h/a%2Fb", "https://h/a%3Fb", "https://h/a%23b", "https://h/%00", "https://h/%FF%FEa", "https://h/%E2%82", "https://h/a;b", "a%c3", "file:///a/b.whl", "https://h/+41", "https://h/%+1", "https://h/% 1", "https://h/%-1", "https://h/%1", "a%F0%9F%98%80", "a%\u00e41", "%4\u00e4",
]  # fmt: skip


def wheel(name):
    try:
        package, _, build, tags = parse_wheel_filename(name)
    except (InvalidWheelFilename, InvalidVersion):
        return None
    # Version and build as written: we keep them so.
    return [package, name.split("-")[1], name.split("-")[2] if build else None, sorted(map(str, tags))]


def requirement(text):
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return None


def builds():
    of = lambda build: parse_wheel_filename(f"a-1-{build}-py3-none-any.whl")[2]
    return [[[a, b], (of(a) > of(b)) - (of(a) < of(b))] for a, b in itertools.product(BUILDS, BUILDS)]


def vectors():
    return {
        "names": [[name, canonicalize_name(name)] for name in NAMES],
        "wheels": [[name, wheel(name)] for name in WHEELS],
        "requirements": [[text, requirement(text)] for text in REQUIREMENTS + generated()],
        "builds": builds(),
        "files": [[url, file(url)] for url in URLS],
    }


def generated():
    names, extras = ["a", "A.b", "-a"], ["", "[b]", " [b,c]", "[b"]
    versions, markers = ["", "==1", " >= 1, < 2 ", "(~=1.0)", "=1", "==1,", " @ https://h/x"], ["", " ; os_name=='x'", ";x"]
    return ["".join(parts) for parts in itertools.product(names, extras, versions, markers)]


def file(url):
    from urllib.parse import unquote

    return unquote(re.split("[?#]", url)[0].rsplit("/", 1)[-1])
