import java.nio.file.*;
import java.sql.*;

class Jdbc {
    public static void main(String[] args) throws Exception {
        var config = new org.sqlite.SQLiteConfig();
        config.enableLoadExtension(true);
        var db = DriverManager.getConnection("jdbc:sqlite::memory:", config.toProperties());
        db.createStatement().execute("SELECT load_extension('./digitnet')");
        var query = db.prepareStatement("SELECT digit_predict(?)");
        query.setBytes(1, Files.readAllBytes(Path.of("tests/drawn/7/109-nib-kraft-rgb8.png")));
        System.out.println(query.executeQuery().getInt(1));

        var row = db.createStatement().executeQuery("SELECT label, digit_predict(pixels)"
            + " FROM synthetic_digits(4) WHERE id = 3");
        System.out.println(row.getInt(1) + " read as " + row.getInt(2));
        db.createStatement().execute("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)");
        var train = db.prepareStatement(
            "SELECT json_extract(train_model('images', 'small', ?), '$.epochs')");
        train.setString(1, "{\"layers\": \"mlp\", \"epochs\": 2}");
        System.out.println(train.executeQuery().getInt(1) + " epochs");
        try {
            db.createStatement().executeQuery("SELECT digit_predict(x'010203')");
        } catch (SQLException error) {
            System.out.println(error.getMessage().replaceAll(".*\\((digit.*)\\)", "$1"));
        }
    }
}
