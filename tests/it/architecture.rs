//! The code follows the map in `src/lib.rs`: a top-level module uses only modules to its left in the diagram,
//! and no modules of one folder depend on each other in a circle, at any depth.
//!
//! Every `crate::`, `super::` and `self::` path of every file counts, in `use` declarations, inline and in tests, and
//! so do paths from a `mod.rs` into its children. A `mod.rs` is a module like its children, except for what it
//! re-exports: a path to a re-exported item leads to the module that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by its names from the crate root: `["commands", "delete_device", "run"]`. The root itself is empty.
type ModulePath = Vec<String>;

/// The most modules at the top of `src`.
const MOST_MODULES: usize = 16;

#[test]
fn modules_use_only_modules_to_their_left_in_the_diagram() {
    let source = SourceTree::read();
    let rows = source.diagram();
    let row_of = |top: &str| rows.iter().position(|row| row.iter().any(|known| known == top));
    let tops: BTreeSet<&str> =
        source.modules.keys().filter_map(|path| path.first().map(String::as_str)).collect();
    let drawn: BTreeSet<&str> = rows.iter().flatten().map(String::as_str).collect();
    assert_eq!(tops, drawn, "the diagram in src/lib.rs draws exactly the modules of src");
    assert!(tops.len() <= MOST_MODULES, "{} modules, {MOST_MODULES} at most", tops.len());
    let wrong: Vec<String> = source
        .arrows()
        .into_iter()
        .filter(|arrow| arrow.folder.is_empty() && arrow.to != "mod")
        .filter(|arrow| row_of(&arrow.from).zip(row_of(&arrow.to)).is_some_and(|(from, to)| from <= to))
        .map(|arrow| format!("{} uses {} in {}", arrow.from, arrow.to, arrow.evidence))
        .collect();
    assert!(wrong.is_empty(), "arrows against the diagram in src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn no_modules_of_a_folder_depend_on_each_other_in_a_circle() {
    let source = SourceTree::read();
    let mut folders: BTreeMap<ModulePath, Vec<Arrow>> = BTreeMap::new();
    for arrow in source.arrows() {
        folders.entry(arrow.folder.clone()).or_default().push(arrow);
    }
    let circles: Vec<String> = folders
        .iter()
        .filter_map(|(folder, arrows)| Some((folder, circle(arrows)?)))
        .map(|(folder, circle)| {
            format!("in {}: {circle}", if folder.is_empty() { "src".to_owned() } else { folder.join("/") })
        })
        .collect();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

#[test]
fn every_module_says_what_lives_there() {
    let source = SourceTree::read();
    for (path, module) in source.modules.iter().filter(|(path, _)| path.len() == 1) {
        assert!(module.text.starts_with("//! "), "src/{} has no module documentation", path[0]);
    }
}

/// All modules of the crate with their paths.
struct SourceTree {
    modules: BTreeMap<ModulePath, Module>,
    root: Module,
}

struct Module {
    file: String,
    text: String,
    /// Every path that the module names, from the crate root.
    uses: Vec<Use>,
}

struct Use {
    path: ModulePath,
    is_reexport: bool,
}

/// One module of a folder uses another one; `mod` is the folder's own `mod.rs`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    folder: ModulePath,
    from: String,
    to: String,
    evidence: String,
}

impl SourceTree {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        collect(&root, &mut files);
        let mut modules = BTreeMap::new();
        for file in files {
            let relative = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let mut path: ModulePath =
                relative.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if path.last().is_some_and(|name| name == "mod" || name == "lib") {
                path.pop();
            }
            if relative != "main.rs" {
                let text = std::fs::read_to_string(&file).unwrap();
                modules.insert(path, Module { file: relative, text, uses: Vec::new() });
            }
        }
        let names: BTreeSet<ModulePath> = modules.keys().cloned().collect();
        for (path, module) in &mut modules {
            let tokens: TokenStream = module.text.parse().unwrap();
            let mut reader = PathReader { file: path, inline: Vec::new(), modules: &names, uses: Vec::new() };
            reader.read(tokens);
            module.uses = reader.uses;
        }
        let root = modules.remove(&Vec::new()).unwrap();
        Self { modules, root }
    }

    /// The groups of the diagram in the documentation of the crate, from left to right: each group may use those before
    /// it.
    fn diagram(&self) -> Vec<Vec<String>> {
        let start =
            self.root.text.find("//! domain").expect("src/lib.rs has a diagram that starts with `domain`");
        let diagram = self.root.text[start..].split("//! ```").next().unwrap();
        let row = |row: &str| row.split(',').map(|top| top.trim().to_owned()).collect();
        diagram.replace("//!", "").split('←').map(row).collect()
    }

    fn arrows(&self) -> Vec<Arrow> {
        let mut arrows: Vec<Arrow> = self
            .modules
            .iter()
            .flat_map(|(from, module)| module.uses.iter().map(move |used| (from, module, used)))
            .filter(|(_, _, used)| !used.is_reexport)
            .filter_map(|(from, module, used)| {
                let to = self.defined_in(&used.path, 0);
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let name = |path: &ModulePath| path.get(common).cloned().unwrap_or_else(|| "mod".to_owned());
                (*from != to).then(|| Arrow {
                    folder: from[..common].to_vec(),
                    from: name(from),
                    to: name(&to),
                    evidence: format!("src/{}: {}", module.file, used.path.join("::")),
                })
            })
            .collect();
        arrows.sort();
        arrows
    }

    /// The module that defines the target of a path: the longest prefix that is a module, or the target of its
    /// re-export.
    fn defined_in(&self, path: &[String], depth: usize) -> ModulePath {
        let module = (0..=path.len())
            .rev()
            .map(|length| &path[..length])
            .find(|part| part.is_empty() || self.modules.contains_key(*part));
        let module = module.unwrap_or_default().to_vec();
        let Some(item) = path.get(module.len()) else { return module };
        let reexport = self
            .modules
            .get(&module)
            .into_iter()
            .flat_map(|module| &module.uses)
            .find(|used| used.is_reexport && used.path.last() == Some(item) && used.path != path);
        match reexport {
            Some(used) if depth < 8 => self.defined_in(&used.path, depth + 1),
            _ => module,
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Finds the paths in the tokens of one file.
struct PathReader<'a> {
    file: &'a ModulePath,
    /// The inline modules around the tokens.
    inline: Vec<String>,
    modules: &'a BTreeSet<ModulePath>,
    uses: Vec<Use>,
}

impl PathReader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut is_reexport) = (0, false);
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word) if word == "pub" => is_reexport = true,
                TokenTree::Ident(word) if word == "use" => {
                    at += 1;
                    if let Some(start) = self.start(&tokens, at, true) {
                        self.tree(&tokens[at + 1..], start, is_reexport);
                    }
                    at = skip_to_semicolon(&tokens, at);
                    is_reexport = false;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                        (tokens.get(at + 1), tokens.get(at + 2))
                    {
                        self.inline.push(name.to_string());
                        self.read(body.stream());
                        self.inline.pop();
                        at += 2;
                    }
                    is_reexport = false;
                }
                TokenTree::Ident(_) if !follows_path_separator(&tokens, at) => {
                    if let Some(start) = self.start(&tokens, at, false) {
                        self.tree(&tokens[at + 1..], start, false);
                    }
                    is_reexport = false;
                }
                TokenTree::Group(group) => {
                    self.read(group.stream());
                    // `pub(crate) use` is a re-export too.
                    is_reexport &= group.delimiter() == Delimiter::Parenthesis;
                }
                _ => is_reexport = false,
            }
            at += 1;
        }
    }

    /// The module in which a path starts, if its first word leads into this crate.
    fn start(&self, tokens: &[TokenTree], at: usize, in_use: bool) -> Option<ModulePath> {
        let TokenTree::Ident(first) = tokens.get(at)? else { return None };
        if !is_separator(tokens, at + 1) {
            return None;
        }
        let here: ModulePath = self.file.iter().chain(&self.inline).cloned().collect();
        match first.to_string().as_str() {
            "crate" => Some(Vec::new()),
            "self" => Some(here),
            "super" => Some(here[..here.len().saturating_sub(1)].to_vec()),
            name => {
                let child: ModulePath = self.file.iter().cloned().chain([name.to_owned()]).collect();
                let is_child = self.inline.is_empty() && self.modules.contains(&child);
                (is_child && (in_use || !self.file.is_empty())).then_some(child)
            }
        }
    }

    /// Reads `::a::b`, `::{a, b::c}`, `::super::c` behind the start of a path.
    fn tree(&mut self, tokens: &[TokenTree], mut path: ModulePath, is_reexport: bool) {
        let mut at = 0;
        while is_separator(tokens, at) {
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(word)) if word == "super" => drop(path.pop()),
                Some(TokenTree::Ident(word)) if word == "self" => {}
                Some(TokenTree::Ident(word)) => path.push(word.to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    for branch in branches(group.stream()) {
                        self.branch(&branch, path.clone(), is_reexport);
                    }
                    return;
                }
                _ => break,
            }
            at += 3;
        }
        self.record(path, is_reexport);
    }

    fn branch(&mut self, tokens: &[TokenTree], mut path: ModulePath, is_reexport: bool) {
        if let Some(TokenTree::Ident(word)) = tokens.first() {
            if word != "self" {
                path.push(word.to_string());
            }
            self.tree(&tokens[1..], path, is_reexport);
        }
    }

    fn record(&mut self, path: ModulePath, is_reexport: bool) {
        // An inline module belongs to its file.
        let here: ModulePath = self.file.iter().chain(&self.inline).cloned().collect();
        let is_inside = !self.inline.is_empty() && path.starts_with(&here[..=self.file.len()]);
        if !is_inside {
            self.uses.push(Use { path, is_reexport });
        }
    }
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(sign)) if sign.as_char() == ':');
    is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))
}

fn follows_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_separator(tokens, at - 2)
}

fn skip_to_semicolon(tokens: &[TokenTree], from: usize) -> usize {
    let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
    tokens[from..].iter().position(is_end).map_or(tokens.len(), |length| from + length)
}

fn branches(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
    tokens.split(is_comma).map(<[TokenTree]>::to_vec).collect()
}

/// A circle among the arrows of a folder, as text.
fn circle(arrows: &[Arrow]) -> Option<String> {
    let mut next: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(&arrow.from).or_default().entry(&arrow.to).or_insert(&arrow.evidence);
    }
    let starts: Vec<&str> = next.keys().copied().collect();
    starts.into_iter().find_map(|start| {
        let mut way = vec![start];
        way_back(&next, &mut way, &mut BTreeSet::new(), start).then(|| {
            let steps = way
                .windows(2)
                .map(|step| format!("\n  {} uses {} ({})", step[0], step[1], next[step[0]][step[1]]));
            steps.collect::<String>()
        })
    })
}

/// Extends the way until it is back at its start.
fn way_back<'a>(
    next: &BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    way: &mut Vec<&'a str>,
    seen: &mut BTreeSet<&'a str>,
    start: &str,
) -> bool {
    let here = way[way.len() - 1];
    for to in next.get(here).into_iter().flat_map(BTreeMap::keys) {
        if *to == start {
            way.push(to);
            return true;
        }
        if seen.insert(to) {
            way.push(to);
            if way_back(next, way, seen, start) {
                return true;
            }
            way.pop();
        }
    }
    false
}
