CREATE TABLE users (
    id         VARCHAR(36)  NOT NULL PRIMARY KEY, -- a UUID
    email      VARCHAR(254) NOT NULL UNIQUE,      -- in lower case
    password   VARCHAR(60)  NOT NULL,             -- bcrypt's hash
    role       VARCHAR(32)  NOT NULL DEFAULT 'student',
    created_at BIGINT       NOT NULL,             -- seconds since 1970
    updated_at BIGINT       NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
