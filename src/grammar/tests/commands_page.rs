//! `docs/commands.md`, generated from the table of commands and the keys of filters.

use std::fmt::Write as _;
use std::path::Path;

use strum::VariantArray as _;

use super::*;
use crate::filter::{Key, KeyHelp};

const START: &str = r#"# Commands

<!-- Generated from the code by the test `commands_page`: change src/grammar, then run
`UPDATE_DOCS=1 cargo test --lib commands_page`. -->

The commands that people can send to Steward. In a group space, mention the bot first: `@Steward list devices`. In a direct
space, just write the command. `help` lists the commands that you may use; `help delete device` explains one, and
`help filters` all filters.

- [Writing a command](#writing-a-command)
- [All commands](#all-commands)
- [Naming a device](#naming-a-device)
- [Confirming](#confirming)
- [Tags](#tags)
- [New devices](#new-devices)
- [Other organizations](#other-organizations)
- [Filters](#filters): [keys](#keys) · [texts](#texts) · [times](#times) · [missing values](#missing-values)
- [Lists](#lists)

## Writing a command

- **The whole message must be a command, or nothing happens.** `please do NOT delete device X` is not a command. The answer
  points at the first word that does not fit and shows a line that works.
- Upper and lower case are the same in the words of a command.
- **Names with spaces go in double quotes**: `show device "BER-4 Panorama"`. Double a quote inside:
  `show device "The 55"" display"`. Curly quotes count as straight ones, and single quotes around a text as double ones.
- Any kind of dash counts as `-`, and letters with accents are the same however they were typed. A sign right behind the
  mention (`@Steward, help`) and a full stop at the end are not part of a command.
- **An invisible character inside a word makes a command fail**, because the line may not be what you read. Zero-width
  characters around words, as copies from web pages have them, don't matter. Letters of other scripts never equal the
  letters of a serial number or a code.
- Webex turns `*` into italics, and Steward turns it back: `name:*Panorama*` works as typed.
- In the tables below, words in capitals stand for what you fill in, parts in brackets may be left out, and `…` means one
  or more. The parts in brackets may come in any order.

## All commands
"#;

const AFTER_COMMANDS: &str = r#"
The admins in `STEWARD_ADMINS` have all rights; see [operations](operations.md#who-may-do-what).

## Naming a device

`REF` is a device id, a serial number, a MAC address or a name. The UUID inside a device id and the address of the
device's page in Control Hub (`https://admin.webex.com/devices/details/…`) also name it.

- A reference matches **as a whole or not at all**; `BER-4` never means `BER-4 Panorama`.
- Cards show long ids shortened, such as `Y2lzY29zc…U1NTU1NTU`. The text of the message and CSV files have them whole.
- A MAC address may be in any notation: `11:22:33:44:AA:FF`, `11-22-33-44-aa-ff`, `1122.3344.aaff`, `112233-44aaff`,
  `11 22 33 44 AA FF`, `11223344AAFF` and `SEP11223344AAFF` are the same address.
- Case, spaces and the kind of dash do not matter in a name. If several devices have names that read alike, a card offers
  the choice, even if you wrote one of them exactly.
- If none matches, the answer offers up to four similar devices as buttons: first those with your text as a whole word of
  the name, then as the beginning of a word, then as another part, then names and serial numbers with a typing error. A
  deletion still asks for confirmation.
- **A change by name needs a confirmation.** If a change names the device by its display name, a card shows the device
  first, for you to [confirm](#confirming).

A workspace is named by its name or id in the same way, also by the UUID inside the id, and a person by the email address
or the name.

The button of a choice acts on what its row showed. If the device, workspace or person has changed since, nothing happens
and the answer shows both.

## Confirming

A card that asks for a confirmation has buttons and a code such as `K7Q2-M9`. *Cancel* does the same as
`cancel K7Q2-M9`, and the other button does the same as `confirm K7Q2-M9`.

- Only the person who asked can confirm, only once, and only within 15 minutes.
- Just before the change, Steward reads the device again. If it is no longer the device on the card, nothing happens.

## Tags

`+floor-12` adds a tag, `-pilot` removes one, and `+"floor 12"` adds one with a space. Tags have no commas, and case is
ignored.

- `tag device` changes one device.
- `tag devices` first shows a card with the devices that match the filter, and changes only these after you confirm, even if
  others match by then. It always needs a filter; `name:*` matches every device with a name.
- `-tag:keep` with a key before the colon is a filter that excludes devices; `-"tag:keep"` removes a tag with that name.

## New devices

- `activate` sends you an activation code in a direct message, never into a group space. A phone needs its model:
  `model "DMS Cisco 8865"`.
- `add device` adds a phone by its MAC address, to a workspace (`to workspace REF`) or to a person (`to person REF`).

## Other organizations

`in org NAME` or `in org "NAME"` at the end of a command runs it in another organization. Steward must be allowed to manage
that organization in `STEWARD_ORGS`; see [settings](settings.md).

## Filters

A filter is a key, a colon and a value: `status:offline`. A device must match **all** filters of a command. A minus excludes:
`-tag:keep`. Commas separate alternatives: `product:"Room Bar","Room Kit"`.

```text
list devices status:offline last-seen:>90d tag:retire -tag:keep
```

An unknown key or value is an error with a suggestion, never a filter that matches nothing.

### Keys
"#;

const END: &str = r#"
If Webex documents the values of a key, any other value needs double quotes: Webex may add more.

### Texts

- A text matches **as a whole**, ignoring case: `product:"Room Bar"` does not match the Room Bar Pro. The manufacturer of a
  product may be left out: `Room Bar` also matches `Cisco Room Bar`. An excluded text is compared in the same way; the
  answer says if it excludes no device.
- `*` matches any characters and `?` one character, inside double quotes too: `name:"BER-*"`, `ip:10.4.7.*`.
- An IP address may be a subnet, `ip:10.4.7.0/24`, or a range, `ip:10.4.7.10-20`. Anything else is an error.
- Put a text with spaces or commas in double quotes and double any quote inside it.

### Times

- An age has a comparison, a number and a unit: `last-seen:>90d` is more than 90 days ago, `last-seen:<2h` less than two
  hours. Units are `m`, `h`, `d` and `w`. `>=` and `<=` also work.
- A date is a day in UTC: `created:<2025-01-31` is before that day, `created:2025-01-31` on that day.

### Missing values

- `none` and `any` ask whether a device has a value at all: `tag:none`, `error:any`. For times, `never` is the same as `none`.
  In double quotes they are texts: `tag:"none"`.
- A device without a time is neither before nor after any time: a device that was never seen matches neither
  `last-seen:>90d` nor `-last-seen:>90d`.
- With other keys, excluding keeps devices without a value: `-tag:keep` keeps devices without tags.

## Lists

`list devices` shows the number of devices, their states and products, and ten devices a page.

| part | what it does |
| --- | --- |
"#;

/// Headings, and the commands under each.
const GROUPS: [(&str, &[&str]); 5] = [
    ("About the bot", &["help", "about", "whoami"]),
    ("Finding devices", &["list devices", "show device"]),
    ("Changing devices", &["delete device", "tag device", "tag devices"]),
    ("New devices", &["activate workspace", "activate person", "add device"]),
    ("Answering a card", &["confirm", "cancel"]),
];

fn page() -> String {
    let mut page = START.to_owned();
    for (heading, names) in GROUPS {
        write!(page, "\n### {heading}\n\n| command | right | what it does |\n| --- | --- | --- |\n").unwrap();
        for name in names {
            page += &command_row(COMMANDS.into_iter().find(|spec| spec.name == *name).unwrap());
        }
    }
    page += AFTER_COMMANDS;
    page += "\n| key | what it compares | values | example |\n| --- | --- | --- | --- |\n";
    for key in Key::VARIANTS {
        page += &key_row(*key);
    }
    page += END;
    let keys: Vec<_> = Key::for_sorting().map(|key| format!("`{}`", key.as_str())).collect();
    writeln!(
        page,
        "| `sort:KEY` | sorts by one of {}; `sort:-KEY` reverses the order; devices without a value come last either way |",
        keys.join(", ")
    )
    .unwrap();
    page += "| `page:N` | shows that page, from 1 to 1000 |\n";
    page += "| `csv` | sends all devices of the list as a CSV file, in the same order |\n";
    page
}

fn command_row(spec: &CommandSpec) -> String {
    let right = match spec.permission {
        Permission::None => "none",
        Permission::Right(right) => right.as_str(),
        Permission::ByPlan => "the person who asked",
    };
    let aliases: Vec<_> = spec.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = match aliases.as_slice() {
        [] => String::new(),
        [only] => format!(". Also {only}"),
        [others @ .., last] => format!(". Also {} and {last}", others.join(", ")),
    };
    let summary = spec.summary.replace('*', "\\*");
    format!("| `{}` | {right} | {summary}{also}.<br>Example: `{}` |\n", spec.syntax, spec.example)
}

fn key_row(key: Key) -> String {
    let KeyHelp { what, values, example } = key.help();
    let values = values.unwrap_or_default().replace(" *", " `*`").replace("10.4.7.10-20", "`10.4.7.10-20`");
    assert_eq!(values.is_empty(), !key.known().is_empty(), "{}", key.as_str());
    let filter = Filter::parse(example).unwrap();
    assert!(!filter.is_empty() && example.starts_with(&format!("{}:", key.as_str())), "{example}");
    let code = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let groups = key.groups().iter().map(|group| format!("; `{}` is {}", group.name, code(group.members)));
    let known = code(key.known()) + &groups.collect::<String>();
    let values = if values.is_empty() { &known } else { &values };
    format!("| `{}` | {what} | {values} | `{example}` |\n", key.as_str())
}

#[test]
fn the_commands_page_is_up_to_date() {
    let grouped: Vec<_> = GROUPS.into_iter().flat_map(|(_, names)| names).copied().collect();
    assert_eq!(
        grouped,
        COMMANDS.map(|spec| spec.name),
        "every command is on the page, in the order of the help"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting of Steward's")]
    let update = std::env::var("UPDATE_DOCS").is_ok_and(|set| set == "1");
    if update {
        std::fs::write(&path, page()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page(),
        "docs/commands.md is out of date: run `UPDATE_DOCS=1 cargo test --lib commands_page` and commit it"
    );
}

#[test]
fn the_commands_page_speaks_of_commands_that_parse() {
    for line in START.lines().chain(AFTER_COMMANDS.lines()).chain(END.lines()) {
        let is_command =
            |code: &&str| COMMANDS.iter().any(|spec| code.starts_with(&format!("{} ", spec.name)));
        let no_placeholder = |code: &&str| !code.contains("REF") && !code.contains("NAME");
        for code in line.split('`').skip(1).step_by(2).filter(is_command).filter(no_placeholder) {
            parse(code).unwrap_or_else(|error| panic!("{code}: {error}"));
        }
    }
}
