// nodes.go - the nodes and the cluster that they form, as the driver sees them: started,
// killed, asked who leads, told to lead, connected to.
package main

/*
#include "digitnet.h"
*/
import "C"

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/canonical/go-dqlite"
	"github.com/canonical/go-dqlite/client"
	"github.com/canonical/go-dqlite/driver"
)

// dqlite holds an election when a leader is silent for 15 times the latency it was told,
// and a leader is silent while a statement of it runs: 3 s here, where training takes one
// at most.
const latency = 200 * time.Millisecond

// --- a node
// ----------------------------------------------------------------------------------

// serve - is a node until the driver, which holds the other end of standard input, is
// gone.
func serve(id uint64, address, folder string) error {
	if rc := C.digitnet_auto(); rc != 0 {
		return fmt.Errorf("digitnet_auto: %d", rc)
	}
	node, err := dqlite.New(id, address, folder, dqlite.WithBindAddress(address),
		dqlite.WithNetworkLatency(latency))
	if err != nil {
		return err
	}
	if err := node.Start(); err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// A node as the driver sees it.
type node struct {
	client.NodeInfo
	folder  string
	process *exec.Cmd
}

// start - the process, and waits until it serves.
func (n *node) start() error {
	if err := os.MkdirAll(n.folder, 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(n.folder+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	n.process = exec.Command(os.Args[0], "node", strconv.FormatUint(n.ID, 10), n.Address,
		n.folder)
	n.process.Stderr = log
	// Never written to; it ends with this process, however that ends.
	if _, err := n.process.StdinPipe(); err != nil {
		return err
	}
	out, err := n.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.process.Start(); err != nil {
		return err
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		return fmt.Errorf("node %d did not start: %s.log", n.ID, n.folder)
	}
	return nil
}

// kill - as kill -9.
func (n *node) kill() {
	if n.process != nil && n.process.Process != nil {
		n.process.Process.Kill()
		n.process.Wait()
	}
	n.process = nil
}

// --- the cluster
// -----------------------------------------------------------------------------

type cluster struct {
	ctx    context.Context
	nodes  []*node
	passed int
	failed int
}

// check - one line, counted.
func (c *cluster) check(name string, err error) {
	if err == nil {
		c.passed++
		fmt.Println("ok      " + name)
	} else {
		c.failed++
		fmt.Printf("FAILED  %s: %v\n", name, err)
	}
}

// addresses - n free ports of loopback.
func addresses(n int) ([]string, error) {
	var found []string
	for i := 0; i < n; i++ {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		found = append(found, listener.Addr().String())
	}
	return found, nil
}

// eventually - repeats what fails, until it works or time is over.
func (c *cluster) eventually(f func() error) error {
	for {
		err := f()
		if err == nil || c.ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// form - starts the nodes and makes them one cluster of voters.
func (c *cluster) form(folder string) error {
	free, err := addresses(3)
	if err != nil {
		return err
	}
	for i, address := range free {
		info := client.NodeInfo{ID: uint64(i + 1), Address: address, Role: client.Voter}
		n := &node{NodeInfo: info, folder: filepath.Join(folder, fmt.Sprint("node", i+1))}
		c.nodes = append(c.nodes, n)
		if err := n.start(); err != nil {
			return err
		}
	}
	first, err := client.New(c.ctx, c.nodes[0].Address)
	if err != nil {
		return err
	}
	defer first.Close()
	for _, n := range c.nodes[1:] {
		info := n.NodeInfo
		if err := c.eventually(func() error { return first.Add(c.ctx, info) }); err != nil {
			return err
		}
	}
	members, err := first.Cluster(c.ctx)
	if err == nil && len(members) != 3 {
		err = fmt.Errorf("%d members", len(members))
	}
	for _, member := range members {
		if member.Role != client.Voter {
			err = fmt.Errorf("node %d is %s", member.ID, member.Role)
		}
	}
	return err
}

// asked - whom a node takes for the leader; 0: nobody.
func (c *cluster) asked(n *node) (uint64, error) {
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Second)
	defer cancel()
	to, err := client.New(ctx, n.Address)
	if err != nil {
		return 0, err
	}
	defer to.Close()
	info, err := to.Leader(ctx)
	if err != nil {
		return 0, err
	}
	return info.ID, nil
}

// leader - the node that leads, once it says so itself.
func (c *cluster) leader() (leader *node, err error) {
	err = c.eventually(func() error {
		for _, n := range c.nodes {
			if n.process == nil {
				continue
			}
			if id, err := c.asked(n); err == nil && id == n.ID {
				leader = n
				return nil
			}
		}
		return errors.New("no node leads")
	})
	return leader, err
}

// lead - hands leadership to a node.
func (c *cluster) lead(n *node) error {
	return c.eventually(func() error {
		leader, err := c.leader()
		if err != nil || leader == n {
			return err
		}
		to, err := client.New(c.ctx, leader.Address)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := to.Transfer(c.ctx, n.ID); err != nil {
			return err
		}
		return fmt.Errorf("node %d does not lead yet", n.ID)
	})
}

// at - calls f with a connection of a client that knows this one node.
func (c *cluster) at(n *node, f func(*sql.Conn) error) error {
	store := client.NewInmemNodeStore()
	if err := store.Set(c.ctx, []client.NodeInfo{n.NodeInfo}); err != nil {
		return err
	}
	dialect, err := driver.New(store)
	if err != nil {
		return err
	}
	connector, err := dialect.OpenConnector("digits")
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(c.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return f(conn)
}

// write - statements, by the leader, on one connection. Pages that SQLite spills from its
// cache within a transaction cannot be read back from dqlite's log while that is empty
// (1.11.1:
// "disk I/O error"), and a model of some size is a big transaction: so they stay in the
// cache.
func (c *cluster) write(statements ...string) error {
	leader, err := c.leader()
	if err != nil {
		return err
	}
	return c.at(leader, func(conn *sql.Conn) error {
		for _, s := range append([]string{"PRAGMA cache_spill = OFF"}, statements...) {
			if _, err := conn.ExecContext(c.ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
}
