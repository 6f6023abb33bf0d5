use rusqlite::{Connection, LoadExtensionGuard};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Connection::open_in_memory()?;
    unsafe {
        let _guard = LoadExtensionGuard::new(&db)?;
        db.load_extension("./digitnet", None)?;
    }
    let png = std::fs::read("tests/drawn/7/109-nib-kraft-rgb8.png")?;
    let digit: i64 = db.query_row("SELECT digit_predict(?)", [png], |row| row.get(0))?;
    println!("{digit}");

    let (label, digit): (i64, i64) = db.query_row(
        "SELECT label, digit_predict(pixels) FROM synthetic_digits(4) WHERE id = 3",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    println!("{label} read as {digit}");
    db.execute_batch("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")?;
    let epochs: i64 = db.query_row(
        "SELECT json_extract(train_model('images', 'small', ?), '$.epochs')",
        [r#"{"layers": "mlp", "epochs": 2}"#],
        |row| row.get(0),
    )?;
    println!("{epochs} epochs");
    let refused = db.query_row("SELECT digit_predict(x'010203')", [], |row| row.get::<_, i64>(0));
    println!("{}", refused.unwrap_err());
    Ok(())
}
