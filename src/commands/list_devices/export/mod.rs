//! Devices as a table in CSV, written to a file while they stream by.
//!
//! In the order in which they come, or sorted: never more of them in memory than a part.
//!
//! UTF-8 with a mark at the front, by which spreadsheets know it, and no cell that a spreadsheet would take for a
//! formula: names, tags and the rest were typed by somebody (OWASP, *CSV Injection*).

mod sorter;

use std::borrow::Cow;
use std::io::{self, BufWriter, Write as _};

use jiff::Timestamp;
use tempfile::NamedTempFile;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use self::sorter::{Line, Sorter};
use crate::domain::Device;
use crate::filter::{RelatedNames, Sort};

/// The mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

const COLUMNS: [&str; 26] = [
    "name",
    "status",
    "product",
    "type",
    "platform",
    "serial",
    "mac",
    "ip",
    "workspace",
    "location",
    "person",
    "email",
    "tags",
    "software",
    "channel",
    "errors",
    "capabilities",
    "managed by",
    "maintenance",
    "last seen",
    "first seen",
    "created",
    "id",
    "workspace id",
    "location id",
    "person id",
];

/// A table under way. The file goes when it is dropped.
#[derive(Debug)]
pub struct Export {
    on_disk: NamedTempFile,
    file: File,
    order: Option<(Sort, Sorter)>,
    count: usize,
}

impl Export {
    /// A table with its heads and without a row; its rows will be in this order, or as they come.
    pub async fn begin(sort: Option<Sort>) -> io::Result<Self> {
        let on_disk = NamedTempFile::new()?;
        let mut file = File::from_std(on_disk.reopen()?);
        file.write_all(MARK).await?;
        file.write_all(table([COLUMNS.map(Cow::Borrowed).to_vec()])?.as_bytes()).await?;
        Ok(Self { on_disk, file, order: sort.map(|sort| (sort, Sorter::default())), count: 0 })
    }

    /// Adds a row for each device.
    pub async fn add(&mut self, devices: &[(Device, RelatedNames)]) -> io::Result<()> {
        self.count += devices.len();
        let Some((sort, mut sorter)) = self.order.take() else {
            let rows = devices.iter().map(|(device, around)| row(device, around));
            return self.file.write_all(table(rows)?.as_bytes()).await;
        };
        let mut lines = Vec::with_capacity(devices.len());
        for (device, around) in devices {
            lines.push(Line { rank: sort.rank(device, around), text: table([row(device, around)])? });
        }
        let sorter = off_the_runtime(move || {
            lines.into_iter().try_for_each(|line| sorter.add(line))?;
            Ok(sorter)
        });
        self.order = Some((sort, sorter.await?));
        Ok(())
    }

    /// The whole table, and how many rows it has.
    pub async fn finish(mut self) -> io::Result<(NamedTempFile, usize)> {
        self.file.flush().await?;
        if let Some((_, sorter)) = self.order {
            let mut file = BufWriter::new(self.file.into_std().await);
            off_the_runtime(move || {
                sorter.finish(&mut file)?;
                file.flush()
            })
            .await?;
        }
        Ok((self.on_disk, self.count))
    }
}

/// Waits for the disk where nobody else is kept waiting.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Lines in CSV (RFC 4180), with every cell made harmless.
fn table<'a>(rows: impl IntoIterator<Item = Vec<Cow<'a, str>>>) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        for cell in &row {
            writer.write_field(&*harmless(cell))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    let written = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(written).map_err(io::Error::other)
}

fn row<'a>(device: &'a Device, around: &'a RelatedNames) -> Vec<Cow<'a, str>> {
    let text = |text: &'a Option<String>| Cow::Borrowed(text.as_deref().unwrap_or_default());
    let list = |texts: &'a [String]| Cow::Owned(texts.join(", "));
    let time = |at: Option<Timestamp>| Cow::Owned(at.map(|at| at.to_string()).unwrap_or_default());
    let id = |id: Option<&'a str>| Cow::Borrowed(id.unwrap_or_default());
    vec![
        text(&device.display_name),
        text(&device.connection_status),
        text(&device.product),
        text(&device.kind),
        text(&device.platform),
        text(&device.serial),
        text(&device.mac),
        text(&device.ip),
        text(&around.workspace),
        text(&around.location),
        text(&around.person),
        text(&around.email),
        list(&device.tags),
        text(&device.software),
        text(&device.upgrade_channel),
        list(&device.error_codes),
        list(&device.capabilities),
        text(&device.managed_by),
        text(&device.maintenance),
        time(device.last_seen),
        time(device.first_seen),
        time(device.created),
        id(Some(device.id.as_str())),
        id(device.workspace_id.as_ref().map(crate::domain::WorkspaceId::as_str)),
        id(device.location_id.as_ref().map(crate::domain::LocationId::as_str)),
        id(device.person_id.as_ref().map(crate::domain::PersonId::as_str)),
    ]
}

/// A cell that no spreadsheet takes for a formula: what begins like one, blanks aside, is marked as text. Line breaks
/// and other control characters become blanks.
fn harmless(cell: &str) -> Cow<'_, str> {
    let plain: Cow<'_, str> = if cell.contains(char::is_control) {
        cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into()
    } else {
        cell.into()
    };
    let begins_like_a_formula =
        plain.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\'']);
    if begins_like_a_formula { format!("'{plain}").into() } else { plain }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fixtures::a_device;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (cell, harmless_cell) in [
            ("Lobby", "Lobby"),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =HYPERLINK(\"http://x\")", "'  =HYPERLINK(\"http://x\")"),
            ("\t=1", "' =1"),
            ("a\r\n=1", "a  =1"),
            ("＝1", "'＝1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), harmless_cell);
        }
    }

    #[tokio::test]
    async fn a_table_has_a_head_and_a_row_for_each_device() {
        let device = Device {
            display_name: Some("=cmd|' /C calc'!A0".to_owned()),
            tags: vec!["a,b".to_owned(), "c\"d".to_owned()],
            ..a_device()
        };
        let around = RelatedNames { workspace: Some("Größe 日本".to_owned()), ..RelatedNames::default() };
        let mut export = Export::begin(None).await.unwrap();
        export.add(&[(device, around)]).await.unwrap();
        let (file, count) = export.finish().await.unwrap();
        let written = std::fs::read(file.path()).unwrap();
        assert_eq!((count, &written[..3]), (1, MARK));
        let mut reader = csv::Reader::from_reader(&written[3..]);
        assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(row.len(), COLUMNS.len());
        assert_eq!((&row[0], &row[8], &row[12]), ("'=cmd|' /C calc'!A0", "Größe 日本", "a,b, c\"d"));
    }

    proptest! {
        #[test]
        fn a_table_reads_back_and_holds_no_formula(cells in proptest::collection::vec(any::<String>(), 3)) {
            let written = table([cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect()]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            for (cell, was) in row.iter().zip(&cells) {
                prop_assert_eq!(cell, harmless(was));
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
            }
        }
    }
}
