library(RSQLite)
db <- dbConnect(SQLite(), ":memory:", loadable.extensions = TRUE)
loaded <- dbGetQuery(db, "SELECT load_extension('./digitnet')")
png <- "tests/drawn/7/109-nib-kraft-rgb8.png"
png <- readBin(png, "raw", file.size(png))
cat(dbGetQuery(db, "SELECT digit_predict(?)", list(list(png)))[[1]], "\n", sep = "")

row <- dbGetQuery(db, "SELECT label, digit_predict(pixels) AS digit
                       FROM synthetic_digits(4) WHERE id = 3")
cat(row$label, "read as", row$digit, fill = TRUE)
created <- dbExecute(db, "CREATE TABLE images AS SELECT * FROM synthetic_digits(100)")
options <- '{"layers": "mlp", "epochs": 2}'
trained <- dbGetQuery(db, "SELECT train_model('images', 'small', ?)", list(options))[[1]]
epochs <- dbGetQuery(db, "SELECT json_extract(?, '$.epochs')", list(trained))[[1]]
cat(epochs, "epochs", fill = TRUE)
tryCatch(dbGetQuery(db, "SELECT digit_predict(x'010203')"),
         error = function(e) cat(conditionMessage(e), "\n", sep = ""))
dbDisconnect(db)
