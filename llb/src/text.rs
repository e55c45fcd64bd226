//! A definition as text, JSON, Mermaid or DOT.
//!
//! All are printed from the decoded definition, so that they show what the
//! daemon gets.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    describe::Reference,
    marshal::Definition,
    view::{DecodeError, OpView, View},
};

/// One op a paragraph, in the order of the definition, with `#1` for the first op.
///
/// ```
/// use buildkit_llb::{Image, Vertex, marshal, text};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).name("base").output();
/// let shown = text(&marshal(&base, &[]))?;
/// assert_eq!(
///     shown,
///     "1  source docker-image://docker.io/library/debian:12  -- base\nresult #1\n",
/// );
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn text(definition: &Definition) -> Result<String, DecodeError> {
    let view = View::of(definition)?;
    let mut text = String::new();
    for (i, op) in view.ops.iter().enumerate() {
        let mut line = format!("{:<2} {:<6} {}", i + 1, op.kind, op.what);
        if let Some(platform) = &op.platform {
            let _ = write!(line, "  {platform}");
        }
        if let Some(name) = &op.name {
            let _ = write!(line, "  -- {name}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
        for detail in op.details.iter().cloned().chain(op.at.iter().map(|at| format!("at {at}"))) {
            let _ = writeln!(text, "     {detail}");
        }
    }
    let _ = writeln!(text, "result {}", view.result);
    Ok(text)
}

/// An object with `ops` and `result`; an op is named by its place, from 1.
///
/// ```
/// use buildkit_llb::{Image, Vertex, json, marshal};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// assert!(json(&marshal(&base, &[]))?.contains("\"kind\": \"source\""));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn json(definition: &Definition) -> Result<String, DecodeError> {
    let view = View::of(definition)?;
    let reference = |of: &Reference| json!({ "op": of.op + 1, "index": of.index });
    let op = |(i, op): (usize, &OpView)| {
        let mut value = json!({
            "op": i + 1,
            "digest": op.digest,
            "kind": op.kind,
            "what": op.what,
            "inputs": op.inputs.iter().map(reference).collect::<Value>(),
            "details": op.details,
        });
        if let Some(platform) = &op.platform {
            value["platform"] = json!(platform.to_string());
        }
        if let Some(name) = &op.name {
            value["name"] = json!(name);
        }
        if !op.at.is_empty() {
            value["at"] = json!(op.at);
        }
        value
    };
    let ops: Value = view.ops.iter().enumerate().map(op).collect();
    let all = json!({ "ops": ops, "result": reference(&view.result) });
    Ok(format!("{all:#}\n"))
}

/// A flow chart for Markdown.
///
/// ```
/// use buildkit_llb::{Image, Vertex, marshal, mermaid};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// assert!(mermaid(&marshal(&base, &[]))?.contains("op1 --> result"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn mermaid(definition: &Definition) -> Result<String, DecodeError> {
    let view = View::of(definition)?;
    let mut text = "flowchart TD\n".to_owned();
    for (i, op) in view.ops.iter().enumerate() {
        // Entities: the only way to have these characters in a label.
        let label = label(op).replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;");
        let _ = writeln!(text, "  op{}[\"{label}\"]", i + 1);
    }
    for (from, to) in edges(&view) {
        let _ = writeln!(text, "  op{} --> op{}", from + 1, to + 1);
    }
    let _ = writeln!(text, "  op{} --> result([result])", view.result.op + 1);
    Ok(text)
}

/// A graph for Graphviz.
///
/// ```
/// use buildkit_llb::{Image, Vertex, dot, marshal};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// assert!(dot(&marshal(&base, &[]))?.contains("op1 -> result"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn dot(definition: &Definition) -> Result<String, DecodeError> {
    let view = View::of(definition)?;
    let mut text = "digraph llb {\n  node [shape=box];\n".to_owned();
    for (i, op) in view.ops.iter().enumerate() {
        let label = label(op).replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "  op{} [label=\"{label}\"];", i + 1);
    }
    for (from, to) in edges(&view) {
        let _ = writeln!(text, "  op{} -> op{};", from + 1, to + 1);
    }
    let _ = writeln!(text, "  result [shape=oval];\n  op{} -> result;\n}}", view.result.op + 1);
    Ok(text)
}

/// The name that progress shows, else what is done.
fn label(op: &OpView) -> String {
    op.name.clone().unwrap_or_else(|| format!("{} {}", op.kind, op.what)).replace('\n', " ")
}

/// Pairs of places, each once.
fn edges(view: &View) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (to, op) in view.ops.iter().enumerate() {
        for input in &op.inputs {
            if !edges.contains(&(input.op, to)) {
                edges.push((input.op, to));
            }
        }
    }
    edges
}
