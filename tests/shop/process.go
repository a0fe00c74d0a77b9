package shop

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is a program that can be killed, stopped and started again, with one log for all of its lives.
type process struct {
	binary string
	args   []string
	env    []string
	log    *lockedBuffer

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
}

var errNotRunning = errors.New("the process is not running")

// start runs the program; settings come on top of its environment for this life only.
func (p *process) start(settings ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isRunning() {
		return errors.New("the process is running already")
	}
	cmd := exec.Command(p.binary, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(p.env[:len(p.env):len(p.env)], settings...), p.log, p.log
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	p.cmd, p.ended = cmd, ended
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(ended)
	}()
	return nil
}

func (p *process) isRunning() bool {
	if p.ended == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *process) running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isRunning()
}

func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return 0
	}
	return p.cmd.Process.Pid
}

func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return errNotRunning
	}
	return p.cmd.Process.Signal(s)
}

// kill ends the process as a power cut would, and returns when it is gone. One that is gone already is fine.
func (p *process) kill() error {
	if errors.Is(p.signal(syscall.SIGKILL), errNotRunning) {
		return nil
	}
	_, err := p.wait(stopLimit)
	return err
}

// stop asks the process to end and answers an error unless it did so cleanly.
func (p *process) stop() error {
	if err := errors.Join(p.signal(syscall.SIGCONT), p.signal(syscall.SIGTERM)); err != nil {
		return err
	}
	exit, err := p.wait(stopLimit)
	if err != nil {
		return errors.Join(err, p.kill())
	}
	return exit
}

// wait answers how the process ended, or an error when it did not within the limit.
func (p *process) wait(limit time.Duration) (exit, err error) {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended == nil {
		return nil, errNotRunning
	}
	select {
	case <-ended:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.err, nil
	case <-time.After(limit):
		return nil, fmt.Errorf("the process did not end within %s", limit)
	}
}
