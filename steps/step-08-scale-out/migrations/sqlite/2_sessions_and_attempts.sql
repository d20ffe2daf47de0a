CREATE TABLE user_sessions (
    id         TEXT   NOT NULL PRIMARY KEY, -- a UUID
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    browser    TEXT   NOT NULL,             -- as it calls itself
    seen_at    BIGINT NOT NULL,             -- milliseconds since 1970
    expires_at BIGINT NOT NULL              -- milliseconds since 1970
);

CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

CREATE TABLE attempts (
    account    TEXT   NOT NULL PRIMARY KEY, -- a hash of the e-mail address
    busy_until BIGINT NOT NULL              -- milliseconds since 1970
);

CREATE INDEX attempts_busy_until ON attempts (busy_until);
