//! Models of many parts: pipelines, code, other repositories.

use expect_test::expect;
use modelcache::models::choose::Wish;

use super::{format, patterns, repository, variant};

const PIPELINE: &str = "
    README.md
    feature_extractor/preprocessor_config.json
    model_index.json
    preview.png
    safety_checker/config.json
    safety_checker/model.safetensors
    scheduler/scheduler_config.json
    sd15-pruned.ckpt
    sd15-pruned.safetensors
    text_encoder/config.json
    text_encoder/model.fp16.safetensors
    text_encoder/model.onnx
    text_encoder/model.safetensors
    text_encoder/pytorch_model.bin
    unet/config.json
    unet/diffusion_pytorch_model.bin
    unet/diffusion_pytorch_model.fp16.bin
    unet/diffusion_pytorch_model.fp16.safetensors
    unet/diffusion_pytorch_model.non_ema.safetensors
    unet/diffusion_pytorch_model.safetensors
    unet/openvino_model.bin
    unet/openvino_model.xml
    vae_1_0/diffusion_pytorch_model.safetensors";

const COMPONENTS: &str = r#"{"_class_name": "StableDiffusionPipeline",
    "feature_extractor": ["transformers", "CLIPImageProcessor"], "image_encoder": [null, null],
    "requires_safety_checker": true, "safety_checker": ["stable_diffusion", "SafetyChecker"],
    "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
    "unet": ["diffusers", "UNet2DConditionModel"]}"#;

#[test]
fn a_pipeline_is_its_components() {
    repository(PIPELINE).text("model_index.json", COMPONENTS).check(
        Wish::default(),
        expect![[r#"
            README.md
            feature_extractor/preprocessor_config.json
            model_index.json
            safety_checker/config.json
            safety_checker/model.safetensors
            scheduler/scheduler_config.json
            text_encoder/config.json
            text_encoder/model.safetensors
            unet/config.json
            unet/diffusion_pytorch_model.safetensors
            - preview.png  (a picture)
            - sd15-pruned.ckpt  (a checkpoint)
            - sd15-pruned.safetensors  (the same in one file)
            - text_encoder/model.fp16.safetensors  (another variant)
            - text_encoder/model.onnx  (ONNX)
            - text_encoder/pytorch_model.bin  (the same as pickles)
            - unet/diffusion_pytorch_model.bin  (the same as pickles)
            - unet/diffusion_pytorch_model.fp16.bin  (another variant)
            - unet/diffusion_pytorch_model.fp16.safetensors  (another variant)
            - unet/diffusion_pytorch_model.non_ema.safetensors  (another variant)
            - unet/openvino_model.bin  (OpenVINO)
            - unet/openvino_model.xml  (OpenVINO)
            - vae_1_0/diffusion_pytorch_model.safetensors  (no part of the pipeline)
        "#]],
    );
}

#[test]
fn a_variant_of_a_pipeline_falls_back_to_the_plain_file() {
    repository(PIPELINE).text("model_index.json", COMPONENTS).check(
        variant("fp16"),
        expect![[r#"
        README.md
        feature_extractor/preprocessor_config.json
        model_index.json
        safety_checker/config.json
        safety_checker/model.safetensors
        scheduler/scheduler_config.json
        text_encoder/config.json
        text_encoder/model.fp16.safetensors
        unet/config.json
        unet/diffusion_pytorch_model.fp16.safetensors
        - preview.png  (a picture)
        - sd15-pruned.ckpt  (a checkpoint)
        - sd15-pruned.safetensors  (the same in one file)
        - text_encoder/model.onnx  (ONNX)
        - text_encoder/model.safetensors  (another variant)
        - text_encoder/pytorch_model.bin  (another variant)
        - unet/diffusion_pytorch_model.bin  (another variant)
        - unet/diffusion_pytorch_model.fp16.bin  (the same as pickles)
        - unet/diffusion_pytorch_model.non_ema.safetensors  (another variant)
        - unet/diffusion_pytorch_model.safetensors  (another variant)
        - unet/openvino_model.bin  (OpenVINO)
        - unet/openvino_model.xml  (OpenVINO)
        - vae_1_0/diffusion_pytorch_model.safetensors  (no part of the pipeline)
    "#]],
    );
}

#[test]
fn a_component_that_is_left_out_is_told() {
    let wish = Wish { exclude: patterns(&["vae/"]), ..Wish::default() };
    repository("model_index.json\nvae/model.safetensors")
        .text("model_index.json", r#"{"vae": ["diffusers", "V"]}"#)
        .check(
            wish,
            expect![[r#"
            model_index.json
            - vae/model.safetensors  (excluded)
            warning[missing-component] Model: the component `vae` of `org/name` is left out
              the application must load it with `vae=None`
        "#]],
        );
}

#[test]
fn a_component_that_the_repository_lacks() {
    let components = r#"{"unet": ["diffusers", "U"], "vae": ["diffusers", "V"]}"#;
    repository("model_index.json\nunet/diffusion_pytorch_model.safetensors")
        .text("model_index.json", components)
        .check(
            Wish::default(),
            expect![[r#"
            model_index.json
            unet/diffusion_pytorch_model.safetensors
            error[missing-component] Model: `org/name` has no folder for its component `vae`
              `org/name` lacks it: name a revision that has it, and tell its owner
        "#]],
        );
}

#[test]
fn repositories_behind_a_model_are_named() {
    let adapter = r#"{"base_model_name_or_path": "org/base", "revision": "v2"}"#;
    repository("adapter_config.json\nadapter_model.safetensors")
        .text("adapter_config.json", adapter)
        .check(
            Wish::default(),
            expect![[r#"
            adapter_config.json
            adapter_model.safetensors
            needs - org/base@v2  (`base_model_name_or_path` in `adapter_config.json`)
        "#]],
        );
    repository("gliner_config.json\npytorch_model.bin")
        .text("gliner_config.json", r#"{"model_name": "microsoft/deberta-v3-base"}"#)
        .check(format("bin"), expect![[r#"
            gliner_config.json
            pytorch_model.bin
            needs - {id: microsoft/deberta-v3-base, format: tokenizer}  (`model_name` in `gliner_config.json`)
        "#]]);
    let auto_map = r#"{"auto_map": {"AutoConfig": "org/code--configuration.Config",
        "AutoTokenizer": ["org/code--tokens.Slow", null]}, "mm_vision_tower": "/home/me/clip"}"#;
    repository("config.json\nmodel.safetensors").text("config.json", auto_map).check(
        Wish::default(),
        expect![[r#"
            config.json
            model.safetensors
            needs - {id: org/code, files: '*.py'}  (`auto_map` in `config.json`)
        "#]],
    );
    let pipeline = "pipeline:\n  params:\n    segmentation: pyannote/segmentation-3.0\n    embedding: $model/embedding\n";
    repository("config.yaml").text("config.yaml", pipeline).check(
        Wish::default(),
        expect![[r#"
            config.yaml
            needs - pyannote/segmentation-3.0  (`segmentation` in `config.yaml`)
        "#]],
    );
}

#[test]
fn code_is_left_out_unless_it_is_trusted() {
    let config = r#"{"auto_map": {"AutoModel": "modeling.Model"}}"#;
    let modules = r#"[{"path": "", "type": "custom_st.Transformer"}]"#;
    let model =
        repository("config.json\ncustom_st.py\nmodel.safetensors\nmodeling.py\nmodules.json")
            .text("config.json", config)
            .text("modules.json", modules);
    model.check(Wish::default(), expect![[r#"
        config.json
        model.safetensors
        modules.json
        - custom_st.py  (code)
        - modeling.py  (code)
        warning[remote-code] Model: `org/name` comes with Python code, which is left out: `config.json`, `modules.json` names it
          read it; then write `trust_remote_code: true` and the commit as `revision`, or use a library that has the model built in
    "#]]);
    model.check(
        Wish { trust_remote_code: true, ..Wish::default() },
        expect![[r#"
        config.json
        custom_st.py
        model.safetensors
        modeling.py
        modules.json
    "#]],
    );
}

#[test]
fn a_static_embedding_is_small() {
    let modules = r#"[{"path": ".", "type": "sentence_transformers.models.StaticEmbedding"}]"#;
    repository("README.md\nconfig.json\nmodel.safetensors\nmodules.json\ntokenizer.json")
        .text("modules.json", modules)
        .check(
            Wish::default(),
            expect![[r#"
            README.md
            config.json
            model.safetensors
            modules.json
            tokenizer.json
        "#]],
        );
}
