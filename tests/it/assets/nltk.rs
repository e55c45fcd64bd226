//! NLTK's packages, from text to graph.

use expect_test::expect;
use modelcache::{answers::BaseImage, request::Request};

use super::check_on;

#[test]
fn a_package_of_nltk_lies_unpacked_beside_its_zip() {
    let base = BaseImage {
        reference: "python".to_owned(),
        python: Some("/bin/python3".to_owned()),
        ..BaseImage::default()
    };
    check_on(
        base,
        "  - {nltk: punkt_tab, #}\n  - {nltk: wordnet, #}",
        Request::default(),
        expect![[r#"
            1  source docker-image://python  linux/amd64  -- [base] python
            2  source https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/tokenizers/punkt_tab.zip  -- [files] https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/tokenizers/punkt_tab.zip
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            3  file   on scratch  -- [internal] folders
            4  file   on scratch  -- [internal] unzip program
                 mkfile /unzip.py 0644 0:0 @0 3286 bytes sha256:2ebb88b9106179188d4a7243c23fdacaa0938122f20bee4170a813069e6e5503
            5  exec   /bin/python3 -s -B /run/modelcache/unzip.py /run/modelcache/archive.zip /run/modelcache/contents  linux/amd64  -- [files] unpack https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/tokenizers/punkt_tab.zip
                 network none
                 / bind #1
                 /run/modelcache/archive.zip bind #2:/blob
                 /run/modelcache/contents bind #3:/contents rw
                 /run/modelcache/unzip.py bind #4:/unzip.py
            6  file   on scratch  -- [internal] folders
            7  file   on scratch  -- [files] /opt/modelcache/nltk_data/tokenizers/punkt_tab.zip
                 copy #2:/blob -> /opt/modelcache/nltk_data/tokenizers/punkt_tab.zip 0644 @0
                 copy #5:/contents/* -> /opt/modelcache/nltk_data/tokenizers/ wildcard mode u=rwX,go=rX @0
                 copy #6:/ -> / contents @0
            8  source https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/wordnet.zip  -- [files] https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/wordnet.zip
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            9  file   on scratch  -- [internal] folders
            10 file   on scratch  -- [files] /opt/modelcache/nltk_data/corpora/wordnet.zip
                 copy #8:/blob -> /opt/modelcache/nltk_data/corpora/wordnet.zip 0644 @0
                 copy #9:/ -> / contents @0
            11 merge  #1 #7 #10  -- [image] assemble
            result #11
            NLTK_DATA=/opt/modelcache/nltk_data"#]],
    );
}
