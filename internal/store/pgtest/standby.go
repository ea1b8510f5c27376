package pgtest

// Standby starts a replica of the server, which is removed when the test ends.
// From then on the server answers a commit only when the replica has it too, so
// nothing that was committed is missing after [Server.Promote].
func (s *Server) Standby(t TB) *Server {
	t.Helper()
	replica, err := s.standby()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.runs() { // it would wait for the replica for ever
			s.admin(`ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`)
		}
		replica.remove()
	})
	return replica
}

func (s *Server) standby() (*Server, error) {
	replica, err := newServer(s.password)
	if err != nil {
		return nil, err
	}
	err = s.place.run("pg_basebackup", "--pgdata", replica.data, "--dbname", s.url(superuser, "postgres"), "--checkpoint", "fast", "--no-sync",
		"--write-recovery-conf", "--wal-method", "stream")
	if err != nil {
		return nil, err
	}
	if err := s.admin(`ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`); err != nil {
		return nil, err
	}
	if err := replica.begin(); err != nil {
		return nil, err
	}
	// A replica that is promoted has nobody to wait for.
	if err := replica.admin(`ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`); err != nil {
		return nil, err
	}
	return replica, s.admin(`SET statement_timeout = '1min'`, untilSynchronous)
}

// A statement sees who is connected as it was when it first looked, unless it asks
// to look anew.
const untilSynchronous = `DO $$ BEGIN
	WHILE NOT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync') LOOP
		PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
	END LOOP;
END $$`

// Promote makes a replica a server of its own, to which one may write.
func (s *Server) Promote() error {
	return s.place.run("pg_ctl", "promote", "--pgdata", s.data, "--wait")
}
