//! One set of weights where there are several, and what is said of others.

use expect_test::expect;
use modelcache::models::choose::Wish;

use super::{format, patterns, repository};

#[test]
fn exclude_makes_the_next_best_the_choice() {
    let wish = Wish { exclude: patterns(&["*.safetensors", "*.md"]), ..Wish::default() };
    repository("README.md\nmodel.safetensors\npytorch_model.bin").check(wish, expect![[r#"
        pytorch_model.bin
        - README.md  (excluded)
        - model.safetensors  (excluded)
        warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `pytorch_model.bin`
          its safetensors (`model.safetensors`) are left out; if you trust its owner, write `allow_pickle: true`
    "#]]);
}

#[test]
fn pickles_are_kept_where_nothing_else_is_and_warned_of() {
    let listing = "
        2_Dense/pytorch_model.bin
        config.json
        pytorch_model.bin
        tf_model.h5";
    repository(listing).check(Wish::default(), expect![[r#"
        2_Dense/pytorch_model.bin
        config.json
        pytorch_model.bin
        - tf_model.h5  (TensorFlow)
        warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `2_Dense/pytorch_model.bin`, and 1 more
          it has no safetensors to take instead; if you trust its owner, write `allow_pickle: true`
    "#]]);
    let allowed = Wish { allow_pickle: true, ..Wish::default() };
    repository(listing).check(
        allowed,
        expect![[r#"
        2_Dense/pytorch_model.bin
        config.json
        pytorch_model.bin
        - tf_model.h5  (TensorFlow)
    "#]],
    );
    repository(listing).check(
        format("bin"),
        expect![[r#"
        2_Dense/pytorch_model.bin
        config.json
        pytorch_model.bin
        - tf_model.h5  (TensorFlow)
    "#]],
    );
}

#[test]
fn each_folder_chooses_for_itself() {
    let listing = "
        2_Dense/pytorch_model.bin
        3_Dense/model.safetensors
        3_Dense/pytorch_model.bin
        colbert_linear.pt
        model.safetensors
        open_clip_pytorch_model.bin";
    repository(listing).check(Wish::default(), expect![[r#"
        2_Dense/pytorch_model.bin
        3_Dense/model.safetensors
        colbert_linear.pt
        model.safetensors
        open_clip_pytorch_model.bin
        - 3_Dense/pytorch_model.bin  (the same as pickles)
        warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `2_Dense/pytorch_model.bin`, and 2 more
          its safetensors (`3_Dense/model.safetensors`) do not replace these; if you trust its owner, write `allow_pickle: true`
    "#]]);
}

#[test]
fn a_format_that_is_not_there() {
    repository("config.json\npytorch_model.bin").check(
        format("onnx"),
        expect![[r#"
        config.json
        - pytorch_model.bin  (PyTorch pickles)
        error[no-such-format] Format: `org/name` has no weights as ONNX
          it has: bin
    "#]],
    );
}

#[test]
fn weights_of_no_use_are_told() {
    repository("config.json\ntf_model.h5").check(
        Wish::default(),
        expect![[r#"
        config.json
        tf_model.h5
        warning[no-weights] Model: `org/name` has weights for TensorFlow only
          they are kept, such as `tf_model.h5`: check that the application reads them
    "#]],
    );
}

#[test]
fn onnx_is_taken_where_nothing_else_is() {
    let listing = "
        config.json
        onnx/decoder_model_merged.onnx
        onnx/decoder_model_merged_quantized.onnx
        onnx/encoder_model.onnx
        onnx/encoder_model_fp16.onnx
        tokenizer.json";
    repository(listing).check(
        Wish::default(),
        expect![[r#"
        config.json
        onnx/decoder_model_merged.onnx
        onnx/encoder_model.onnx
        tokenizer.json
        - onnx/decoder_model_merged_quantized.onnx  (another variant)
        - onnx/encoder_model_fp16.onnx  (another variant)
    "#]],
    );
    repository("model_optimized.onnx").check(
        Wish::default(),
        expect![[r#"
        model_optimized.onnx
    "#]],
    );
    repository("model_int8.onnx 30\nmodel_q4.onnx 20").check(Wish::default(), expect![[r#"
        model_int8.onnx
        model_q4.onnx
        error[ambiguous-variant] Model: `org/name` has several variants of `model`, and none is plain
          choose one by `variant`: int8 (30 B), q4 (20 B)
    "#]]);
}

#[test]
fn a_model_card_alone_is_no_model() {
    let listing = "
        .gitattributes
        LICENSE
        README.md
        checkpoint-500/config.json
        checkpoint-500/model.safetensors
        checkpoint-500/optimizer.pt";
    repository(listing).check(Wish::default(), expect![[r#"
        LICENSE
        README.md
        - .gitattributes  (no part of the model)
        - checkpoint-500/config.json  (no part of the model)
        - checkpoint-500/model.safetensors  (no part of the model)
        - checkpoint-500/optimizer.pt  (no part of the model)
        error[no-weights] Model: nothing but documents is taken of `org/name`: `LICENSE`, `README.md`
          its weights are where no library looks: `checkpoint-500/model.safetensors`
          to take them, choose by `files`, as in `files: 'checkpoint-500/*'`
          what `files` names is taken as it is
    "#]]);
    // With the configuration at the root it is no better.
    repository(&format!("{listing}\nconfig.json")).check(
        Wish::default(),
        expect![[r#"
        LICENSE
        README.md
        config.json
        - .gitattributes  (no part of the model)
        - checkpoint-500/config.json  (no part of the model)
        - checkpoint-500/model.safetensors  (no part of the model)
        - checkpoint-500/optimizer.pt  (no part of the model)
        error[no-weights] Model: no weights are taken of `org/name`
          its weights are where no library looks: `checkpoint-500/model.safetensors`
          to take them, choose by `files`, as in `files: 'checkpoint-500/*'`
          what `files` names is taken as it is
    "#]],
    );
    repository("README.md\nmodeling.py\nlogo.png\na.gif\nb.gif")
        .check(Wish::default(), expect![[r#"
            README.md
            - modeling.py  (code)
            - logo.png  (a picture)
            - a.gif  (a picture)
            - b.gif  (a picture)
            error[no-weights] Model: nothing but documents is taken of `org/name`: `README.md`
              it has besides: `modeling.py` (code), `logo.png` (a picture), `a.gif` (a picture), and 1 more
              what `files` names is taken as it is
        "#]]);
    repository("README.md\nUSE.md").check(
        Wish::default(),
        expect![[r#"
        README.md
        USE.md
        error[no-weights] Model: nothing but documents is taken of `org/name`: `README.md`, `USE.md`
          it has nothing else
          what `files` names is taken as it is
    "#]],
    );
    let wish = Wish { exclude: patterns(&["*.safetensors"]), ..Wish::default() };
    repository("README.md\nmodel.safetensors").check(
        wish,
        expect![[r#"
        README.md
        - model.safetensors  (excluded)
        error[no-weights] Model: nothing but documents is taken of `org/name`: `README.md`
          it has besides: `model.safetensors` (excluded)
          what `files` names is taken as it is
    "#]],
    );
}

#[test]
fn documents_are_enough_where_they_are_asked_for() {
    let wish = Wish { include: patterns(&["README.md"]), ..Wish::default() };
    repository("README.md\ncheckpoint-5/model.safetensors").check(
        wish,
        expect![[r#"
        README.md
        - checkpoint-5/model.safetensors  (not included)
    "#]],
    );
    repository("README.md\ncheckpoint-5/model.safetensors").check(
        format("tokenizer"),
        expect![[r#"
        README.md
        - checkpoint-5/model.safetensors  (not for the tokenizer)
    "#]],
    );
    let wish = Wish { whole: true, ..Wish::default() };
    repository("README.md\nruns/model.safetensors").check(
        wish,
        expect![[r#"
        README.md
        runs/model.safetensors
    "#]],
    );
    // Weights of no known kind are none of our business, nor are lists of words.
    repository("README.md\nmodel.pt").check(Wish::default(), expect![[r#"
        README.md
        model.pt
        warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `model.pt`
          it has no safetensors to take instead; if you trust its owner, write `allow_pickle: true`
    "#]]);
    repository("README.md\nenglish.txt").check(
        Wish::default(),
        expect![[r#"
        README.md
        english.txt
    "#]],
    );
}
