use super::{Item, gather};
use std::{cell::RefCell, collections::HashMap, ops::Range};
use syn::{ImplItem, ItemImpl, ItemTrait, TraitItem, Type, spanned::Spanned};

thread_local! {
    /// By text. A chapter asks for a file once for each of its directives, and to parse is
    /// most of what drawing the book takes.
    static KNOWN: RefCell<HashMap<String, Vec<Item>>> = RefCell::default();
}

pub fn items(text: &str) -> Result<Vec<Item>, String> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(text).cloned()) {
        return Ok(known);
    }
    let items = parse(text)?;
    KNOWN.with_borrow_mut(|known| known.insert(text.to_owned(), items.clone()));
    Ok(items)
}

fn parse(text: &str) -> Result<Vec<Item>, String> {
    let syntax = syn::parse_file(text)
        .map_err(|error| format!("line {}: {error}", error.span().start().line))?;
    let file: Vec<&str> = text.lines().collect();
    let head = syntax.attrs.iter().map(|inner| lines(inner).end).max();
    let docs = head.map(|end| Item::new("docs", 0..end));
    let found = syntax.items.iter().map(|item| Item {
        members: members(item, &file),
        ..Item::new(name(item), lines(item))
    });
    let found = docs.into_iter().chain(found).collect();
    Ok(gather(&file, 0..file.len(), found))
}

fn name(item: &syn::Item) -> String {
    match item {
        syn::Item::Use(_) => "use".to_owned(),
        syn::Item::Mod(item) if item.content.is_none() => "mod".to_owned(),
        syn::Item::Mod(item) => format!("mod {}", item.ident),
        syn::Item::Fn(item) => format!("fn {}", item.sig.ident),
        syn::Item::Struct(item) => format!("struct {}", item.ident),
        syn::Item::Enum(item) => format!("enum {}", item.ident),
        syn::Item::Const(item) => format!("const {}", item.ident),
        syn::Item::Static(item) => format!("static {}", item.ident),
        syn::Item::Type(item) => format!("type {}", item.ident),
        syn::Item::Trait(item) => format!("trait {}", item.ident),
        syn::Item::Impl(item) => impl_name(item),
        syn::Item::Macro(item) => match &item.ident {
            Some(ident) => format!("macro {ident}"),
            None => format!("{}!", last_word(&item.mac.path)),
        },
        _ => "other".to_owned(),
    }
}

/// `impl App`, or `impl FromRef for Key`: without generics and lifetimes.
fn impl_name(item: &ItemImpl) -> String {
    let of = type_name(&item.self_ty);
    match &item.trait_ {
        Some((_, path, _)) => format!("impl {} for {of}", last_word(path)),
        None => format!("impl {of}"),
    }
}

fn type_name(of: &Type) -> String {
    match of {
        Type::Path(of) => last_word(&of.path),
        Type::Reference(of) => type_name(&of.elem),
        _ => "other".to_owned(),
    }
}

fn last_word(path: &syn::Path) -> String {
    let last = path.segments.last();
    last.map_or_else(String::new, |segment| segment.ident.to_string())
}

fn members(item: &syn::Item, file: &[&str]) -> Vec<Item> {
    let (found, brace): (Vec<Item>, _) = match item {
        syn::Item::Impl(ItemImpl {
            items, brace_token, ..
        }) => {
            let named = items.iter().filter_map(|member| {
                let ident = match member {
                    ImplItem::Fn(member) => &member.sig.ident,
                    ImplItem::Const(member) => &member.ident,
                    ImplItem::Type(member) => &member.ident,
                    _ => return None,
                };
                Some(Item::new(format!("{}::{ident}", name(item)), lines(member)))
            });
            (named.collect(), brace_token)
        }
        syn::Item::Trait(ItemTrait {
            items, brace_token, ..
        }) => {
            let named = items.iter().filter_map(|member| {
                let ident = match member {
                    TraitItem::Fn(member) => &member.sig.ident,
                    TraitItem::Const(member) => &member.ident,
                    TraitItem::Type(member) => &member.ident,
                    _ => return None,
                };
                Some(Item::new(format!("{}::{ident}", name(item)), lines(member)))
            });
            (named.collect(), brace_token)
        }
        _ => return Vec::new(),
    };
    // Between the braces' own lines.
    let inside = brace.span.open().end().line..brace.span.close().start().line - 1;
    gather(file, inside, found)
}

/// The lines of a piece of syntax, counted from 0, attributes included.
fn lines(syntax: &impl Spanned) -> Range<usize> {
    let span = syntax.span();
    span.start().line - 1..span.end().line
}
