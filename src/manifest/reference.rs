//! `docs/manifest.md`, made of the schema and of the table of diagnostics.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{codes::CODES, parse::keys, schema::schema};

const INTRODUCTION: &str = "\
# The manifest

<!-- Made from the types by `UPDATE_EXPECT=1 cargo test --lib reference`. Edit those. -->

A manifest is one YAML file; JSON is YAML. Its first line names the frontend, and
`docker buildx build -f modelcache.yaml .` builds it:

```yaml
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
models:
  - paraphrase-MiniLM-L3-v2
app:
  copy: .
  command: [uvicorn, main:app, --host, 0.0.0.0]
```

- An unknown or repeated key is an error, and so is an empty value. `modelcache check FILE`
  tells every mistake at once, with its line.
- Where a string belongs, numbers and booleans are text as written: `3.10` stays `3.10`.
- `${NAME}` in any string, but in no key, stands for the argument `NAME`; `$$` is `$`.
- A secret is never written down. A value that looks like one is an error; pass it by
  `docker buildx build --secret …`.
- Anchors and aliases work; merge keys (`<<`) and tags don't.
";

/// The page.
fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    tables(&mut page);
    page.push_str(
        "\n## Diagnostics\n\nThe codes are stable. A line breaks here as `⏎`; \
         what has no `base` goes after `base: python:3.13-slim`.\n\n\
         | code | says that | for example |\n| --- | --- | --- |\n",
    );
    for code in &CODES {
        let example = cell(&code.example.replace('\n', " ⏎ "));
        writeln!(page, "| `{}` | {} | `{example}` |", code.name, cell(code.meaning))
            .expect("a String takes all text");
    }
    page
}

/// The tables of the maps, in the order of [`keys::ALL`], which is that of the text.
fn tables(page: &mut String) {
    let schema = schema();
    let maps = maps("", &schema);
    for keys in keys::ALL.iter().filter(|keys| !keys.known.is_empty()) {
        let has_all = |map: &Value| keys.known.iter().all(|key| map["properties"][key].is_object());
        let map = maps.iter().find(|(path, map)| path == keys.path && has_all(map));
        let (path, map) = map.expect("the schema has each map that the decoder has");
        let others = maps.iter().filter(|(other, map)| other == path && !has_all(map)).count();
        let title = match path.as_str() {
            "" => "Keys".to_owned(),
            path if others > 0 => format!("`{path}` with `{}`", keys.known[0]),
            path => format!("`{path}`"),
        };
        write!(page, "\n## {title}\n\n| key | value | meaning |\n| --- | --- | --- |\n")
            .expect("a String takes all text");
        for key in keys.known {
            let value = &map["properties"][key];
            let required = map["required"].as_array().is_some_and(|all| all.contains(&json!(key)));
            let must = if required { "; required" } else { "" };
            let meaning = value["description"].as_str().unwrap_or_default().replace('\n', " ");
            writeln!(page, "| `{key}` | {}{must} | {} |", form(value), cell(&meaning))
                .expect("a String takes all text");
        }
    }
}

/// Every map with keys of its own in a schema, with its path.
fn maps<'s>(path: &str, schema: &'s Value) -> Vec<(String, &'s Value)> {
    let mut found = Vec::new();
    if let Some(properties) = schema["properties"].as_object() {
        found.push((path.to_owned(), schema));
        for (key, value) in properties {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            found.extend(maps(&path, value));
        }
    }
    let options = schema["anyOf"].as_array().into_iter().flatten();
    found.extend(options.chain(schema.get("items")).flat_map(|option| maps(path, option)));
    found
}

/// A schema in words: `string, or a list of such`.
fn form(schema: &Value) -> String {
    if let Some(options) = schema["anyOf"].as_array() {
        if let [one, many] = &options[..]
            && many["items"] == *one
        {
            return format!("{}, or a list of such", form(one));
        }
        let mut forms: Vec<String> = options.iter().map(form).collect();
        forms.dedup();
        let several = forms.iter().any(|form| form.contains(','));
        return forms.join(if several { ", or a " } else { " or " });
    }
    match schema["type"].as_str() {
        Some("array") => match form(&schema["items"]) {
            entry if entry.contains(',') => format!("list, each entry a {entry}"),
            entry => format!("list of {}s", entry.replace(" or", "s or")),
        },
        Some("object") if schema["properties"].is_object() => "map".to_owned(),
        Some("object") => format!("map of {}s", form(&schema["additionalProperties"])),
        Some("boolean") => "boolean".to_owned(),
        Some("integer") => "number".to_owned(),
        _ => "string".to_owned(),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn reference_is_fresh() {
    expect_test::expect_file!["../../docs/manifest.md"].assert_eq(&reference());
}

#[test]
fn schema_and_decoder_have_the_same_keys() {
    let schema = schema();
    let known = |keys: &&&keys::Keys| !keys.known.is_empty();
    let mut decoded: Vec<(String, Vec<&str>)> = keys::ALL
        .iter()
        .filter(known)
        .map(|keys| (keys.path.to_owned(), keys.known.to_vec()))
        .collect();
    let mut described: Vec<(String, Vec<&str>)> = maps("", &schema)
        .into_iter()
        .map(|(path, map)| {
            let properties = map["properties"].as_object().expect("maps() looked");
            (path, properties.keys().map(String::as_str).collect())
        })
        .collect();
    for keys in decoded.iter_mut().chain(&mut described) {
        keys.1.sort_unstable();
    }
    decoded.sort();
    described.sort();
    described.dedup();
    assert_eq!(decoded, described);
}
