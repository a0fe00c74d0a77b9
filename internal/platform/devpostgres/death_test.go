//go:build unix

package devpostgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// The test binary is also the process that is killed.
const (
	victimDir  = "RIALTO_TEST_VICTIM_DIR"
	victimKeep = "RIALTO_TEST_VICTIM_KEEP_RUNNING"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		fmt.Println(beVictim(dir))
		os.Exit(1)
	}
	code := m.Run()
	if dir, err := initialized(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// beVictim commits rows one by one and says so, until it is killed.
func beVictim(dir string) error {
	ctx := context.Background()
	s, err := devpostgres.Start(ctx, devpostgres.Config{Dir: dir, KeepRunning: os.Getenv(victimKeep) != ""})
	if err != nil {
		return err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: s.DSN()})
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, `CREATE TABLE rows (n bigint PRIMARY KEY)`); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if _, err := db.Exec(ctx, `INSERT INTO rows (n) VALUES ($1)`, n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// killWriter starts a process with a server, kills it with SIGKILL while it writes, and returns the last
// row that it knew to be committed.
func killWriter(t *testing.T, dir string, env ...string) (committed int) {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), victimDir+"="+dir), env...)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())

	lines := bufio.NewScanner(output)
	for committed < 200 && lines.Scan() {
		committed, err = strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the writer said: %s", lines.Text())
		}
	}
	must(t, cmd.Process.Kill())
	for lines.Scan() { // rows that it announced before it died
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			committed = n
		}
	}
	_ = cmd.Wait()
	return committed
}

func TestCommittedRowsSurviveTheKillOfTheirProcess(t *testing.T) {
	for name, env := range map[string]string{"server dies too": "", "server survives": victimKeep + "=1"} {
		t.Run(name, func(t *testing.T) {
			dir := readyDir(t)
			committed := killWriter(t, dir, env)
			was := stateOf(t, dir)

			s := start(t, devpostgres.Config{Dir: dir})

			rows, err := strconv.Atoi(value(t, s.DSN(), `SELECT count(*) FROM rows`))
			must(t, err)
			if rows < committed || rows > committed+1 {
				t.Errorf("%d rows, and %d were committed", rows, committed)
			}
			if now := stateOf(t, dir); now.PID == was.PID {
				t.Error("the old server is still running")
			}
			if _, err := os.Stat(was.SocketDir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the old socket directory: %v", err)
			}
		})
	}
}

func TestOnLinuxTheServerDiesWithItsProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // elsewhere the next start stops it, which the test above covers
	}
	dir := readyDir(t)
	killWriter(t, dir)

	awaitEnd(t, stateOf(t, dir).PID)
	stop(t, start(t, devpostgres.Config{Dir: dir})) // it takes away what the killed process left in /tmp
}

func TestTheServerOutlivesTheThreadThatStartedIt(t *testing.T) {
	dir := readyDir(t)
	s := make(chan *devpostgres.Server)
	go func() {
		runtime.LockOSThread() // and never unlock it, so that the thread ends here
		started, err := devpostgres.Start(context.Background(), devpostgres.Config{Dir: dir, FsyncOff: true})
		if err != nil {
			t.Error(err)
		}
		s <- started
	}()
	running := <-s
	if running == nil {
		return
	}
	defer stop(t, running)

	for range 20 {
		exec(t, running.DSN(), `SELECT pg_sleep(0.01)`)
	}
}

// awaitEnd returns when the process is gone.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("process %d is still there", pid)
		}
	}
}
