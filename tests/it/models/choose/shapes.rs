//! Models in many files: shards, variants, quantisations.

use expect_test::expect;
use modelcache::models::choose::Wish;

use super::{patterns, quant, repository, variant};

const SHARDS: &str = "
    config.json
    consolidated.safetensors
    model-00001-of-00002.safetensors
    model-00002-of-00002.safetensors
    model.safetensors.index.json
    original/consolidated.00.pth
    original/params.json
    pytorch_model-00001-of-00002.bin
    pytorch_model.bin.index.json";

const INDEX: &str = r#"{"metadata": {"total_size": 2}, "weight_map": {
    "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#;

#[test]
fn shards_and_their_index_are_kept_and_other_copies_not() {
    repository(SHARDS).text("model.safetensors.index.json", INDEX).check(
        Wish::default(),
        expect![[r#"
            config.json
            model-00001-of-00002.safetensors
            model-00002-of-00002.safetensors
            model.safetensors.index.json
            - consolidated.safetensors  (the same in one file)
            - original/consolidated.00.pth  (a checkpoint)
            - original/params.json  (a checkpoint)
            - pytorch_model-00001-of-00002.bin  (the same as pickles)
            - pytorch_model.bin.index.json  (the same as pickles)
        "#]],
    );
}

#[test]
fn shards_of_an_earlier_upload_stay_out() {
    let listing = "
        model-00001-of-00002.safetensors
        model-00001-of-00003.safetensors
        model-00002-of-00002.safetensors
        model.safetensors.index.json";
    repository(listing).text("model.safetensors.index.json", INDEX).check(
        Wish::default(),
        expect![[r#"
            model-00001-of-00002.safetensors
            model-00002-of-00002.safetensors
            model.safetensors.index.json
            - model-00001-of-00003.safetensors  (not in the index of shards)
        "#]],
    );
}

#[test]
fn a_missing_shard_is_a_mistake() {
    let listing = "
        model-00001-of-00002.safetensors
        model.safetensors.index.json";
    repository(listing)
        .text("model.safetensors.index.json", INDEX)
        .check(Wish::default(), expect![[r#"
            model-00001-of-00002.safetensors
            model.safetensors.index.json
            error[missing-shard] Model: a shard of the weights of `org/name` is missing: `model-00002-of-00002.safetensors`
              `org/name` lacks it: name a revision that has it, and tell its owner
        "#]]);
    let wish = Wish { exclude: patterns(&["*00002-of*"]), ..Wish::default() };
    repository(SHARDS).text("model.safetensors.index.json", INDEX).check(wish, expect![[r#"
        config.json
        model-00001-of-00002.safetensors
        model.safetensors.index.json
        - consolidated.safetensors  (the same in one file)
        - model-00002-of-00002.safetensors  (excluded)
        - original/consolidated.00.pth  (a checkpoint)
        - original/params.json  (a checkpoint)
        - pytorch_model-00001-of-00002.bin  (the same as pickles)
        - pytorch_model.bin.index.json  (the same as pickles)
        error[missing-shard] Model: a shard of the weights of `org/name` is missing: `model-00002-of-00002.safetensors`
          `files` leaves it out
    "#]]);
    repository("a-00001-of-00003.gguf\na-00003-of-00003.gguf")
        .check(Wish::default(), expect![[r#"
            a-00001-of-00003.gguf
            a-00003-of-00003.gguf
            error[missing-shard] Model: a shard of the weights of `org/name` is missing: number 2 of 3, as in `a-00001-of-00003.gguf`
              `org/name` lacks it: name a revision that has it, and tell its owner
        "#]]);
}

#[test]
fn the_whole_is_taken_before_its_shards() {
    let listing = "
        model-00001-of-00002.safetensors
        model-00002-of-00002.safetensors
        model.safetensors
        model.safetensors.index.json";
    repository(listing).text("model.safetensors.index.json", INDEX).check(
        Wish::default(),
        expect![[r#"
            model.safetensors
            - model-00001-of-00002.safetensors  (the same in shards)
            - model-00002-of-00002.safetensors  (the same in shards)
            - model.safetensors.index.json  (the same in shards)
        "#]],
    );
}

#[test]
fn an_index_that_is_none() {
    repository("model-00001-of-00001.safetensors\nmodel.safetensors.index.json\nmodules.json")
        .text("model.safetensors.index.json", "[]")
        .text("modules.json", "<html>")
        .check(Wish::default(), expect![[r#"
            model-00001-of-00001.safetensors
            model.safetensors.index.json
            modules.json
            error[unreadable-index] Model: `model.safetensors.index.json` of `org/name` can't be read
              it is not the JSON that its library writes: tell its owner
            error[unreadable-index] Model: `modules.json` of `org/name` can't be read
              it is not the JSON that its library writes: tell its owner
        "#]]);
}

const VARIANTS: &str = "
    model-00001-of-00002.fp16.safetensors
    model-00002-of-00002.fp16.safetensors
    model.fp32-00001-of-00002.safetensors
    model.fp32-00002-of-00002.safetensors
    model.safetensors
    model.safetensors.index.fp16.json
    model.safetensors.index.fp32.json";

#[test]
fn a_variant_is_taken_with_its_own_index() {
    repository(VARIANTS).check(
        Wish::default(),
        expect![[r#"
        model.safetensors
        - model-00001-of-00002.fp16.safetensors  (another variant)
        - model-00002-of-00002.fp16.safetensors  (another variant)
        - model.fp32-00001-of-00002.safetensors  (another variant)
        - model.fp32-00002-of-00002.safetensors  (another variant)
        - model.safetensors.index.fp16.json  (another variant)
        - model.safetensors.index.fp32.json  (another variant)
    "#]],
    );
    repository(VARIANTS).check(
        variant("fp32"),
        expect![[r#"
        model.fp32-00001-of-00002.safetensors
        model.fp32-00002-of-00002.safetensors
        model.safetensors.index.fp32.json
        - model-00001-of-00002.fp16.safetensors  (another variant)
        - model-00002-of-00002.fp16.safetensors  (another variant)
        - model.safetensors  (another variant)
        - model.safetensors.index.fp16.json  (another variant)
    "#]],
    );
    repository(VARIANTS).check(
        variant("fp8"),
        expect![[r#"
        model.safetensors
        - model-00001-of-00002.fp16.safetensors  (another variant)
        - model-00002-of-00002.fp16.safetensors  (another variant)
        - model.fp32-00001-of-00002.safetensors  (another variant)
        - model.fp32-00002-of-00002.safetensors  (another variant)
        - model.safetensors.index.fp16.json  (another variant)
        - model.safetensors.index.fp32.json  (another variant)
        error[no-such-variant] Variant: `org/name` has no variant `fp8`
          it has: fp16, fp32
    "#]],
    );
}

#[test]
fn variants_without_a_plain_file() {
    repository("a/model.fp16.safetensors").check(
        Wish::default(),
        expect![[r#"
        a/model.fp16.safetensors
    "#]],
    );
    repository("a/model.bf16.safetensors 20\na/model.fp16.safetensors 10")
        .check(Wish::default(), expect![[r#"
            a/model.bf16.safetensors
            a/model.fp16.safetensors
            error[ambiguous-variant] Model: `org/name` has several variants of `a/model`, and none is plain
              choose one by `variant`: bf16 (20 B), fp16 (10 B)
        "#]]);
}

#[test]
fn a_variant_of_ones_own() {
    repository("model.safetensors\nmodel.tuned.safetensors").check(
        variant("tuned"),
        expect![[r#"
            model.tuned.safetensors
            - model.safetensors  (another variant)
        "#]],
    );
}

const QUANTS: &str = "
    Model-BF16/Model-BF16-00001-of-00002.gguf 9000000000
    Model-BF16/Model-BF16-00002-of-00002.gguf 7100000000
    Model-Q4_K_M.gguf 4900000000
    Model-UD-Q4_K_XL.gguf 5000000000
    Model-iq2_xxs.gguf 2400000000
    README.md 10
    config.json 10
    imatrix_unsloth.dat 10
    mmproj-BF16.gguf 800000000
    mmproj-F16.gguf 800000000";

#[test]
fn several_quantisations_want_a_word() {
    repository(QUANTS).check(Wish::default(), expect![[r#"
        Model-BF16/Model-BF16-00001-of-00002.gguf
        Model-BF16/Model-BF16-00002-of-00002.gguf
        Model-Q4_K_M.gguf
        Model-UD-Q4_K_XL.gguf
        Model-iq2_xxs.gguf
        README.md
        config.json
        mmproj-BF16.gguf
        mmproj-F16.gguf
        - imatrix_unsloth.dat  (only for quantising)
        error[ambiguous-quant] Model: `org/name` has 4 GGUF models
          choose one by `quant`: IQ2_XXS (2.4 GB), Q4_K_M (4.9 GB), UD-Q4_K_XL (5.0 GB), BF16 (16.1 GB)
          `Q4_K_M` is the usual balance of size and quality
    "#]]);
}

#[test]
fn a_quantisation_by_its_name() {
    repository(QUANTS).check(
        quant("q4_k_m"),
        expect![[r#"
        Model-Q4_K_M.gguf
        README.md
        config.json
        mmproj-F16.gguf
        - Model-BF16/Model-BF16-00001-of-00002.gguf  (another quantisation)
        - Model-BF16/Model-BF16-00002-of-00002.gguf  (another quantisation)
        - Model-UD-Q4_K_XL.gguf  (another quantisation)
        - Model-iq2_xxs.gguf  (another quantisation)
        - imatrix_unsloth.dat  (only for quantising)
        - mmproj-BF16.gguf  (another quantisation)
    "#]],
    );
    repository(QUANTS).check(
        quant("BF16"),
        expect![[r#"
        Model-BF16/Model-BF16-00001-of-00002.gguf
        Model-BF16/Model-BF16-00002-of-00002.gguf
        README.md
        config.json
        mmproj-BF16.gguf
        - Model-Q4_K_M.gguf  (another quantisation)
        - Model-UD-Q4_K_XL.gguf  (another quantisation)
        - Model-iq2_xxs.gguf  (another quantisation)
        - imatrix_unsloth.dat  (only for quantising)
        - mmproj-F16.gguf  (another quantisation)
    "#]],
    );
    repository(QUANTS).check(
        quant("Q8_0"),
        expect![[r#"
        Model-BF16/Model-BF16-00001-of-00002.gguf
        Model-BF16/Model-BF16-00002-of-00002.gguf
        Model-Q4_K_M.gguf
        Model-UD-Q4_K_XL.gguf
        Model-iq2_xxs.gguf
        README.md
        config.json
        mmproj-BF16.gguf
        mmproj-F16.gguf
        - imatrix_unsloth.dat  (only for quantising)
        error[no-such-quant] Quant: `org/name` has no GGUF file of `Q8_0`
          it has: IQ2_XXS (2.4 GB), Q4_K_M (4.9 GB), UD-Q4_K_XL (5.0 GB), BF16 (16.1 GB)
    "#]],
    );
}

#[test]
fn one_gguf_needs_no_word_and_torch_goes_before_gguf() {
    repository("a.Q4_0.gguf\nconfig.json").check(
        Wish::default(),
        expect![[r#"
        a.Q4_0.gguf
        config.json
    "#]],
    );
    repository("a.Q4_0.gguf\nmodel.safetensors").check(
        Wish::default(),
        expect![[r#"
        model.safetensors
        - a.Q4_0.gguf  (GGUF)
    "#]],
    );
    repository("a.Q4_0.gguf\nb.Q4_0.gguf").check(
        quant("Q4_0"),
        expect![[r#"
        a.Q4_0.gguf
        b.Q4_0.gguf
        error[ambiguous-quant] Quant: `org/name` has several models of `Q4_0`
          name one in `files`: a.Q4_0.gguf, b.Q4_0.gguf
    "#]],
    );
}

#[test]
fn checkpoints_of_training_stay_out() {
    repository("checkpoint-500/model.safetensors\ncheckpoint-500/rng_state.pth\nmodel.safetensors\nvoices/a.pt")
        .check(Wish::default(), expect![[r#"
            model.safetensors
            voices/a.pt
            - checkpoint-500/model.safetensors  (no part of the model)
            - checkpoint-500/rng_state.pth  (no part of the model)
            warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `voices/a.pt`
              its safetensors (`model.safetensors`) do not replace these; if you trust its owner, write `allow_pickle: true`
        "#]]);
    repository("kokoro-v1_0.pth\nvoices/a.pt").check(Wish::default(), expect![[r#"
        kokoro-v1_0.pth
        voices/a.pt
        warning[pickle-weights] Model: `org/name` is loaded from pickles, which can run code: `kokoro-v1_0.pth`, and 1 more
          it has no safetensors to take instead; if you trust its owner, write `allow_pickle: true`
    "#]]);
}
