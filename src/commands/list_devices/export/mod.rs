//! The CSV file of `list devices csv`, written while the list is read, in list order or sorted. Never more than a
//! fraction of the devices is in memory.
//!
//! The file begins with a byte order mark, by which spreadsheets recognize UTF-8. No cell reads as a formula, because
//! people typed names, tags and other values (OWASP, *CSV Injection*).

mod sorter;

use std::borrow::Cow;
use std::io::{self, BufWriter, Write as _};

use jiff::Timestamp;
use tempfile::NamedTempFile;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use self::sorter::{DiskSorter, SortedLine};
use crate::domain::Device;
use crate::filter::{RelatedNames, Sort};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

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

/// A file being written. It is deleted when dropped.
#[derive(Debug)]
pub(super) struct CsvExport {
    on_disk: NamedTempFile,
    file: File,
    order: Option<(Sort, DiskSorter)>,
    count: usize,
}

impl CsvExport {
    /// Starts the file with its header. Rows keep the order of the list unless `sort` is given.
    pub(super) async fn begin(sort: Option<Sort>) -> io::Result<Self> {
        let on_disk = NamedTempFile::new()?;
        let mut file = File::from_std(on_disk.reopen()?);
        file.write_all(BYTE_ORDER_MARK).await?;
        file.write_all(csv_lines([COLUMNS.map(Cow::Borrowed).to_vec()])?.as_bytes()).await?;
        Ok(Self { on_disk, file, order: sort.map(|sort| (sort, DiskSorter::default())), count: 0 })
    }

    pub(super) async fn add(&mut self, devices: &[(Device, RelatedNames)]) -> io::Result<()> {
        self.count += devices.len();
        let Some((sort, mut sorter)) = self.order.take() else {
            let rows = devices.iter().map(|(device, related)| row(device, related));
            return self.file.write_all(csv_lines(rows)?.as_bytes()).await;
        };
        let mut lines = Vec::with_capacity(devices.len());
        for (device, related) in devices {
            lines.push(SortedLine {
                rank: sort.rank(device, related),
                text: csv_lines([row(device, related)])?,
            });
        }
        let sorter = on_blocking_thread(move || {
            lines.into_iter().try_for_each(|line| sorter.add(line))?;
            Ok(sorter)
        });
        self.order = Some((sort, sorter.await?));
        Ok(())
    }

    /// The complete file and its number of rows.
    pub(super) async fn finish(mut self) -> io::Result<(NamedTempFile, usize)> {
        self.file.flush().await?;
        if let Some((_, sorter)) = self.order {
            let mut file = BufWriter::new(self.file.into_std().await);
            on_blocking_thread(move || {
                sorter.finish(&mut file)?;
                file.flush()
            })
            .await?;
        }
        Ok((self.on_disk, self.count))
    }
}

/// Runs disk work where it does not block the runtime.
async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Lines of CSV (RFC 4180) without formulas.
fn csv_lines<'a>(rows: impl IntoIterator<Item = Vec<Cow<'a, str>>>) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        for cell in &row {
            writer.write_field(&*escape_formula(cell))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    let written = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(written).map_err(io::Error::other)
}

fn row<'a>(device: &'a Device, related: &'a RelatedNames) -> Vec<Cow<'a, str>> {
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
        text(&related.workspace),
        text(&related.location),
        text(&related.person),
        text(&related.email),
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

/// A cell that no spreadsheet reads as a formula: a text that begins like one, apart from spaces, gets a leading
/// apostrophe. Line breaks and other control characters become spaces.
fn escape_formula(cell: &str) -> Cow<'_, str> {
    let plain: Cow<'_, str> = if cell.contains(char::is_control) {
        cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into()
    } else {
        cell.into()
    };
    let is_formula = plain.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\'']);
    if is_formula { format!("'{plain}").into() } else { plain }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fixtures::a_device;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_marked_as_text() {
        for (cell, escaped) in [
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
            assert_eq!(escape_formula(cell), escaped);
        }
    }

    #[tokio::test]
    async fn a_file_has_a_header_and_a_row_for_each_device() {
        let device = Device {
            display_name: Some("=cmd|' /C calc'!A0".to_owned()),
            tags: vec!["a,b".to_owned(), "c\"d".to_owned()],
            ..a_device()
        };
        let related =
            RelatedNames { workspace: Some("Größe 日本".to_owned()), ..RelatedNames::default() };
        let mut export = CsvExport::begin(None).await.unwrap();
        export.add(&[(device, related)]).await.unwrap();
        let (file, count) = export.finish().await.unwrap();
        let written = std::fs::read(file.path()).unwrap();
        assert_eq!((count, &written[..3]), (1, BYTE_ORDER_MARK));
        let mut reader = csv::Reader::from_reader(&written[3..]);
        assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(row.len(), COLUMNS.len());
        assert_eq!((&row[0], &row[8], &row[12]), ("'=cmd|' /C calc'!A0", "Größe 日本", "a,b, c\"d"));
    }

    proptest! {
        #[test]
        fn a_file_reads_back_and_contains_no_formula(cells in proptest::collection::vec(any::<String>(), 3)) {
            let written = csv_lines([cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect()]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
            let row = reader.records().next().unwrap().unwrap();
            for (cell, was) in row.iter().zip(&cells) {
                prop_assert_eq!(cell, escape_formula(was));
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
            }
        }
    }
}
