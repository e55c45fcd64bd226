//! The kit's packages as others see them: their public surface, which changes with a change of a
//! file beside it only, by one path for each item.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use expect_test::expect_file;
use syn::{
    Attribute, Fields, ImplItem, Item, ItemMod, UseTree, Visibility,
    visit_mut::{self, VisitMut},
};

const PACKAGES: [&str; 2] = ["llb", "frontend"];

/// A module's items that can be seen from outside its file, and whether its name can be.
struct Module {
    path: String,
    is_public: bool,
    items: Vec<Item>,
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The modules of a package, the first file's first, then in the order of their names.
fn modules(package: &str) -> Vec<Module> {
    fn read(file: &Path, folder: &Path, path: &str, is_public: bool, found: &mut Vec<Module>) {
        let text = fs::read_to_string(file).expect("a module is a file");
        let items = syn::parse_file(&text).expect("it compiles").items;
        let inner = items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() => Some(module.clone()),
            _ => None,
        });
        let inner: BTreeMap<String, ItemMod> =
            inner.map(|module| (module.ident.to_string(), module)).collect();
        found.push(Module { path: path.to_owned(), is_public, items });
        for (name, module) in inner {
            let public = is_public && self::is_public(&module.vis);
            let file = folder.join(format!("{name}.rs"));
            read(&file, &folder.join(&name), &format!("{path}::{name}"), public, found);
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(package).join("src");
    let mut found = Vec::new();
    read(&folder.join("lib.rs"), &folder, &format!("buildkit_{package}"), true, &mut found);
    found
}

/// What an item is called; nothing for those without a name of their own.
fn name(item: &Item) -> Option<(&Visibility, String, &[Attribute])> {
    let (visibility, name, attributes) = match item {
        Item::Const(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.sig.ident, &item.attrs),
        Item::Static(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Struct(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.ident, &item.attrs),
        Item::Type(item) => (&item.vis, &item.ident, &item.attrs),
        _ => return None,
    };
    Some((visibility, name.to_string(), attributes))
}

/// The public items of a module, by name.
fn public(module: &Module) -> impl Iterator<Item = (String, &[Attribute])> {
    let named = module.items.iter().filter_map(name);
    named.filter(|(visibility, ..)| is_public(visibility)).map(|(_, name, docs)| (name, docs))
}

/// The names of all public items of a package.
fn names(modules: &[Module]) -> BTreeSet<String> {
    modules.iter().flat_map(public).map(|(name, _)| name).collect()
}

/// Takes out what nobody outside sees: bodies, documents, fields and methods that are not public.
struct Outside;

impl VisitMut for Outside {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let seen = ["derive", "non_exhaustive", "must_use"];
        attributes.retain(|attribute| seen.iter().any(|name| attribute.path().is_ident(name)));
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.clear();
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        visit_mut::visit_item_impl_mut(self, item);
        let is_inherent = item.trait_.is_none();
        item.items.retain(|item| match item {
            ImplItem::Const(item) => is_inherent && is_public(&item.vis),
            ImplItem::Fn(item) => is_inherent && is_public(&item.vis),
            ImplItem::Type(_) => true,
            _ => false,
        });
    }

    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        visit_mut::visit_item_struct_mut(self, item);
        match &mut item.fields {
            Fields::Named(fields) => {
                let all = fields.named.len();
                let kept = fields.named.iter().filter(|field| is_public(&field.vis)).cloned();
                fields.named = kept.collect();
                if fields.named.len() < all {
                    fields.named.push(syn::parse_quote!(_private: ()));
                }
            }
            Fields::Unnamed(fields) => {
                for field in fields.unnamed.iter_mut().filter(|field| !is_public(&field.vis)) {
                    field.vis = Visibility::Inherited;
                    field.ty = syn::parse_quote!(_);
                }
            }
            Fields::Unit => {}
        }
    }
}

/// Whether anything of `item`, as it is left by [`Outside`], concerns others.
fn is_seen(item: &Item, public: &BTreeSet<String>) -> bool {
    match item {
        Item::Use(item) => is_public(&item.vis),
        Item::Mod(item) => is_public(&item.vis),
        // Calls of macros that make impls.
        Item::Macro(item) => item.ident.is_none(),
        Item::Impl(item) => {
            let syn::Type::Path(of) = &*item.self_ty else { return false };
            let of = of.path.segments.last().map(|segment| segment.ident.to_string());
            let seen = item.trait_.is_some() || !item.items.is_empty();
            seen && of.is_some_and(|of| public.contains(&of))
        }
        _ => name(item).is_some_and(|(visibility, ..)| is_public(visibility)),
    }
}

/// What `cargo public-api` would list, but from the files: it, as `cargo semver-checks`, reads what one
/// version of the compiler writes in a form that is not stable, and takes minutes to compile.
/// `UPDATE_EXPECT=1` writes the lists; a reviewer then sees what others must follow.
#[test]
fn the_surface_changes_with_its_list_only() {
    for package in PACKAGES {
        let modules = modules(package);
        let public = names(&modules);
        let mut text = String::new();
        for Module { path, is_public, mut items } in modules {
            for item in &mut items {
                Outside.visit_item_mut(item);
            }
            items.retain(|item| is_seen(item, &public));
            if !items.is_empty() {
                let file = syn::File { shebang: None, attrs: Vec::new(), items };
                let private = if is_public { "" } else { ", private" };
                text += &[&format!("// {path}{private}\n\n"), &*prettyplease::unparse(&file), "\n"]
                    .concat();
            }
        }
        let foreign = ["pb::", "rpc::", "wire::", "protobuf::", "prost::", "tonic::", "hyper::"];
        for line in text.lines().filter(|line| foreign.iter().any(|name| line.contains(name))) {
            assert!(line.starts_with("impl From<"), "{package} shows the protocol: {line}");
        }
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(package).join("api.txt");
        expect_file![list].assert_eq(&text);
    }
}

/// The items that `pub use` names: the module's name, and the item's.
fn used(before: &str, tree: &UseTree, found: &mut Vec<(String, String)>) {
    match tree {
        UseTree::Path(path) => used(&path.ident.to_string(), &path.tree, found),
        UseTree::Name(name) => found.push((before.to_owned(), name.ident.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|item| used(before, item, found)),
        UseTree::Rename(_) | UseTree::Glob(_) => panic!("the kit renames nothing: {before}"),
    }
}

#[test]
fn each_item_has_one_path() {
    for package in PACKAGES {
        let modules = modules(package);
        let mut shown = Vec::new();
        for module in modules.iter().filter(|module| module.is_public) {
            for item in &module.items {
                if let Item::Use(item) = item
                    && is_public(&item.vis)
                {
                    used("", &item.tree, &mut shown);
                }
            }
        }
        for module in &modules {
            let last = module.path.rsplit("::").next().unwrap_or_default();
            for (name, _) in public(module) {
                let uses = shown.iter().filter(|(of, item)| of == last && *item == name).count();
                let paths = uses + usize::from(module.is_public);
                assert_eq!(paths, 1, "{}::{name} has {paths} paths", module.path);
            }
        }
    }
}

/// Whether a doctest is among the documents.
fn has_example(attributes: &[Attribute]) -> bool {
    let documents = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    documents.filter_map(|document| document.meta.require_name_value().ok()).any(|document| {
        let syn::Expr::Lit(text) = &document.value else { return false };
        matches!(&text.lit, syn::Lit::Str(text) if text.value().trim_start().starts_with("```"))
    })
}

/// Methods that need no value have one too: they are where one begins.
#[test]
fn each_item_has_an_example() {
    for package in PACKAGES {
        let modules = modules(package);
        let types = names(&modules);
        for module in &modules {
            for (name, documents) in public(module) {
                assert!(has_example(documents), "{}::{name} has no example", module.path);
            }
            let impls = module.items.iter().filter_map(|item| match item {
                Item::Impl(of) if of.trait_.is_none() && is_seen(item, &types) => Some(of),
                _ => None,
            });
            for item in impls.flat_map(|of| &of.items) {
                if let ImplItem::Fn(function) = item
                    && is_public(&function.vis)
                    && function.sig.receiver().is_none()
                {
                    let (path, name) = (&module.path, &function.sig.ident);
                    assert!(has_example(&function.attrs), "{path}: `{name}` has no example");
                }
            }
        }
    }
}
