package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mattn/go-sqlite3"
)

func check(err error) {
	if err != nil {
		fmt.Println("not expected:", err)
		os.Exit(1)
	}
}

func main() {
	sql.Register("digitnet", &sqlite3.SQLiteDriver{Extensions: []string{"./digitnet"}})
	db, err := sql.Open("digitnet", "digits.db")
	check(err)
	png, err := os.ReadFile("tests/drawn/7/109-nib-kraft-rgb8.png")
	check(err)
	var digit, label int
	check(db.QueryRow("SELECT digit_predict(?)", png).Scan(&digit))
	fmt.Println(digit)

	check(db.QueryRow(`SELECT label, digit_predict(pixels) FROM synthetic_digits(4)
		WHERE id = 3`).Scan(&label, &digit))
	fmt.Println(label, "read as", digit)
	_, err = db.Exec("CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")
	check(err)
	var trained string
	check(db.QueryRow("SELECT train_model('images', 'small', ?)",
		`{"layers": "mlp", "epochs": 2}`).Scan(&trained))
	var result struct{ Epochs int }
	check(json.Unmarshal([]byte(trained), &result))
	fmt.Println(result.Epochs, "epochs")
	err = db.QueryRow("SELECT digit_predict(x'010203')").Scan(&digit)
	if _, ours := err.(sqlite3.Error); ours {
		fmt.Println(err)
	}
}
