CREATE TABLE user_sessions (
    id         VARCHAR(36)  NOT NULL PRIMARY KEY, -- a UUID
    user_id    VARCHAR(36)  NOT NULL,
    browser    VARCHAR(200) NOT NULL,             -- as it calls itself
    seen_at    BIGINT       NOT NULL,             -- milliseconds since 1970
    expires_at BIGINT       NOT NULL,             -- milliseconds since 1970
    INDEX (expires_at),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE attempts (
    account    VARCHAR(64) NOT NULL PRIMARY KEY, -- a hash of the e-mail address
    busy_until BIGINT      NOT NULL,             -- milliseconds since 1970
    INDEX (busy_until)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
