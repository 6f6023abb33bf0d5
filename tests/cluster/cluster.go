// cluster.go - digitnet's models in dqlite: three nodes on loopback, each a process with
// a data folder of its own, and one that drives them. Built and started by
// tests/cluster/run.sh:
//
//	cluster FOLDER LIBRARY [MNIST]       the driver; starts three of the next
//	cluster node ID ADDRESS FOLDER       a node, until its standard input ends
//
// dqlite loads no extensions: digitnet is linked in, and digitnet_auto called before the
// node starts, so each connection that dqlite opens has it. Statements run on the leader,
// pages go to the others. So "predicted on every node" is shown twice: leadership is
// handed to each node in turn, and a client that knows this node alone asks; and each
// node's own copy of the database, leader or not, is fetched and read by the sqlite3
// shell.
//
// A line a check; the last one counts them.
package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/canonical/go-dqlite/client"
)

// All of it must be done by then.
const limit = 55 * time.Second

// --- what is compared
// ------------------------------------------------------------------------

const answers = `SELECT group_concat(digit_predict(pixels, 'cnn') ||
	printf(' %!.17g', digit_confidence(pixels, 'cnn'))) FROM images`
const tables = `SELECT group_concat(prediction || printf(' %!.17g', confidence))
	FROM predict_model('images', 'half')`
const models = `SELECT group_concat(name || version || hex(weights) || hex(state))
	FROM (SELECT * FROM digitnet_models ORDER BY name, version)`

// A seen is what a node says: predictions, and what is stored, to the last byte.
type seen struct{ predictions, stored [sha256.Size]byte }

func digest(texts ...string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join(texts, "\n")))
}

// differs - an error that says in what.
func (s seen) differs(from seen) error {
	if s.predictions != from.predictions {
		return errors.New("other predictions")
	}
	if s.stored != from.stored {
		return errors.New("other weights or state")
	}
	return nil
}

// look - by a query at a node that leads before and after.
func (c *cluster) look(n *node) (s seen, err error) {
	if err := c.lead(n); err != nil {
		return s, err
	}
	err = c.at(n, func(conn *sql.Conn) error {
		var text [3]string
		for i, query := range []string{answers, tables, models} {
			if err := conn.QueryRowContext(c.ctx, query).Scan(&text[i]); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
		}
		s = seen{digest(text[0], text[1]), digest(text[2])}
		return nil
	})
	if err != nil {
		return s, err
	}
	id, err := c.asked(n)
	if err == nil && id != n.ID {
		err = fmt.Errorf("it was node %d that answered", id)
	}
	return s, err
}

// lookAtCopy - by the sqlite3 shell, at what the node has, whether it leads or not. A
// follower learns with the leader's next message what is committed: want is waited for.
func (c *cluster) lookAtCopy(n *node, library string, want seen) error {
	var files []client.File
	fetch := func() error {
		from, err := client.New(c.ctx, n.Address)
		if err != nil {
			return err
		}
		defer from.Close()
		files, err = from.Dump(c.ctx, "digits")
		return err
	}
	look := func() error {
		if err := fetch(); err != nil {
			return err
		}
		folder, err := os.MkdirTemp(filepath.Dir(n.folder), "copy")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(folder, f.Name), f.Data, 0o600); err != nil {
				return err
			}
		}
		out, err := exec.CommandContext(c.ctx, "sqlite3", "-batch", "-bail", "-init", "/dev/null",
			filepath.Join(folder, "digits"), ".load "+library, answers, tables, models).Output()
		text := strings.Split(string(out), "\n")
		if err != nil || len(text) != 4 {
			return fmt.Errorf("sqlite3: %v, %d lines", err, len(text)-1)
		}
		return seen{digest(text[0], text[1]), digest(text[2])}.differs(want)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := look()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// --- the checks
// ------------------------------------------------------------------------------

const training = `INSERT INTO runs SELECT epoch, loss, holdout_accuracy
	FROM train_model('images', `

// prepare - images, and models of each kind that is looked at.
func (c *cluster) prepare(mnist string) error {
	images := "CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(1000)"
	if mnist != "" {
		images += " UNION ALL SELECT * FROM (SELECT label, pixels FROM read_mnist('" +
			strings.ReplaceAll(mnist, "'", "''") + "') WHERE split = 'train' LIMIT 500)"
	}
	return c.write(images, "CREATE TABLE runs(epoch, loss, holdout_accuracy)")
}

func (c *cluster) train() error {
	return c.write(
		training+"'cnn') WHERE epochs = 2",
		training+"'cnn') WHERE epochs = 4 AND seed = 2",
		training+"'whole') WHERE layers = 'softmax' AND epochs = 4",
		training+"'half') WHERE layers = 'softmax' AND epochs = 4 LIMIT 2",
		"UPDATE digitnet_models SET state = NULL WHERE name = 'cnn'") // there is less to compare
}

// resumed - training that one leader began and another ended, against one that did it
// all.
func (c *cluster) resumed() error {
	if err := c.write(training + "'half') WHERE resume = 1"); err != nil {
		return err
	}
	leader, err := c.leader()
	if err != nil {
		return err
	}
	return c.at(leader, func(conn *sql.Conn) error {
		var epochs, same int
		err := conn.QueryRowContext(c.ctx, `SELECT a.epochs, a.weights = b.weights AND
			a.state = b.state FROM digitnet_models AS a, digitnet_models AS b
			WHERE a.name = 'half' AND b.name = 'whole'`).Scan(&epochs, &same)
		if err == nil && (epochs != 4 || same != 1) {
			err = fmt.Errorf("%d epochs, same: %d", epochs, same)
		}
		return err
	})
}

// learned - that the answers, which are compared from here on, are not just any.
func (c *cluster) learned(n *node) error {
	return c.at(n, func(conn *sql.Conn) error {
		var right float64
		err := conn.QueryRowContext(c.ctx,
			"SELECT avg(digit_predict(pixels, 'cnn') = label) FROM images").Scan(&right)
		if err == nil && right < 0.8 {
			err = fmt.Errorf("only %.1f %% are right", 100*right)
		}
		return err
	})
}

// refused - training as a query: an error, and the node lives and takes the next write.
func (c *cluster) refused() error {
	leader, err := c.leader()
	if err != nil {
		return err
	}
	err = c.at(leader, func(conn *sql.Conn) error {
		var epoch int
		return conn.QueryRowContext(c.ctx, `SELECT epoch FROM train_model('images', 'lost')
			WHERE layers = 'softmax' AND epochs = 1`).Scan(&epoch)
	})
	if err == nil {
		return errors.New("it was not refused")
	}
	if err := c.write("INSERT INTO runs(epoch) VALUES (0)"); err != nil {
		return err
	}
	if after, err := c.leader(); err != nil || after != leader {
		return fmt.Errorf("the leader did not survive it: %v", err)
	}
	return nil
}

// worded - an error of ours comes to the client as it is.
func (c *cluster) worded() error {
	err := c.write("INSERT INTO runs(epoch) SELECT digit_predict(x'010203')")
	const want = "digit_predict: image has 3 bytes; expected 784 (uint8), 3136 (float32) or a PNG"
	if err == nil || !strings.Contains(err.Error(), want) {
		return fmt.Errorf("is %v, wanted %s", err, want)
	}
	return nil
}

// everywhere - that each node that lives says the same, and has the same.
func (c *cluster) everywhere(when, library string, want seen) {
	for _, n := range c.nodes {
		if n.process == nil {
			continue
		}
		s, err := c.look(n)
		if err == nil {
			err = s.differs(want)
		}
		c.check(fmt.Sprintf("%s, node %d leads: the same predictions and bytes", when, n.ID), err)
	}
	for _, n := range c.nodes {
		if n.process != nil {
			c.check(fmt.Sprintf("%s, node %d's own copy: the same", when, n.ID),
				c.lookAtCopy(n, library, want))
		}
	}
}

func (c *cluster) run(folder, library, mnist string) {
	err := c.form(folder)
	c.check("three nodes, all of them voters", err)
	if err != nil {
		return
	}
	source := "1000 synthetic digits"
	if mnist != "" {
		source += " and 500 of MNIST"
	}
	c.check("import: "+source, c.prepare(mnist))
	err = c.train()
	c.check("training by INSERT … SELECT", err)
	if err != nil {
		return
	}
	c.check("training by SELECT is refused, and the leader lives", c.refused())
	c.check("an error's words arrive", c.worded())

	leader, err := c.leader()
	if err != nil {
		c.check("a leader", err)
		return
	}
	want, err := c.look(leader)
	if err == nil {
		err = c.learned(leader)
	}
	c.check("predictions, four of five of them right", err)
	c.everywhere("trained", library, want)

	if leader, err = c.leader(); err != nil {
		c.check("a leader", err)
		return
	}
	leader.kill()
	start := time.Now()
	heir, err := c.leader()
	if err != nil {
		c.check(fmt.Sprintf("node %d, the leader, killed: another leads", leader.ID), err)
		return
	}
	c.check(fmt.Sprintf("node %d, the leader, killed: node %d leads after %.1f s", leader.ID,
		heir.ID, time.Since(start).Seconds()), nil)
	c.everywhere("after that", library, want)
	c.check("training resumed by another leader: the same bytes as at one go", c.resumed())

	want, err = c.look(heir)
	c.check("predictions of the resumed model", err)
	c.check(fmt.Sprintf("node %d comes back", leader.ID), leader.start())
	c.everywhere("all back", library, want)
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "node" {
		id, _ := strconv.ParseUint(os.Args[2], 10, 64)
		if err := serve(id, os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "cluster FOLDER LIBRARY [MNIST]")
		os.Exit(2)
	}
	mnist := ""
	if len(os.Args) > 3 {
		mnist = os.Args[3]
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	c := &cluster{ctx: ctx}
	func() {
		defer cancel()
		defer func() {
			for _, n := range c.nodes {
				n.kill()
			}
		}()
		c.run(os.Args[1], os.Args[2], mnist)
	}()
	fmt.Printf("%d passed, %d failed\n", c.passed, c.failed)
	if c.failed > 0 {
		os.Exit(1)
	}
}
