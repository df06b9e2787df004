-- CreateTable
CREATE TABLE "FreedFile" (
    "id" BIGSERIAL NOT NULL,
    "hash" TEXT NOT NULL,
    "freedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sweptAt" TIMESTAMP(3),
    "removedAt" TIMESTAMP(3),

    CONSTRAINT "FreedFile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DatasetVersionFile" (
    "versionId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "DatasetVersionFile_pkey" PRIMARY KEY ("versionId","hash")
);

-- CreateIndex
CREATE INDEX "FreedFile_hash_idx" ON "FreedFile"("hash");

-- CreateIndex
CREATE INDEX "DatasetVersionFile_hash_idx" ON "DatasetVersionFile"("hash");

-- AddForeignKey
ALTER TABLE "DatasetVersionFile" ADD CONSTRAINT "DatasetVersionFile_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "DatasetVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DatasetVersionFile" ADD CONSTRAINT "DatasetVersionFile_hash_fkey" FOREIGN KEY ("hash") REFERENCES "File"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The files of a manifest, as rows that guard them. A version is never changed.
CREATE FUNCTION list_version_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "DatasetVersionFile" ("versionId", hash)
    SELECT DISTINCT NEW.id, f.hash FROM jsonb_path_query(NEW.manifest, '$[*].hash') named JOIN "File" f ON f.hash = named #>> '{}';
  RETURN NULL;
END $$;

CREATE TRIGGER list_version_files AFTER INSERT ON "DatasetVersion" FOR EACH ROW EXECUTE FUNCTION list_version_files();

INSERT INTO "DatasetVersionFile" ("versionId", hash)
  SELECT DISTINCT v.id, f.hash FROM "DatasetVersion" v, jsonb_path_query(v.manifest, '$[*].hash') named JOIN "File" f ON f.hash = named #>> '{}';

-- Whatever deletes a row that refers to a file, cascades included, lists the file. Rows are only added here, so that two
-- deletions never wait for each other.
CREATE FUNCTION free_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "FreedFile" (hash, "freedAt") SELECT DISTINCT hash, timezone('UTC', now()) FROM gone WHERE hash IS NOT NULL;
  RETURN NULL;
END $$;

CREATE FUNCTION free_replaced_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "FreedFile" (hash, "freedAt") VALUES (OLD.hash, timezone('UTC', now()));
  RETURN NULL;
END $$;

CREATE TRIGGER free_files AFTER DELETE ON "Image" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "Sample" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "GeneratedImage" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "ClassImage" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "CheckpointFile" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "ModelFile" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "RunFile" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "Upload" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();
CREATE TRIGGER free_files AFTER DELETE ON "DatasetVersionFile" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION free_files();

CREATE TRIGGER free_replaced_file AFTER UPDATE OF hash ON "Image" FOR EACH ROW
  WHEN (OLD.hash IS DISTINCT FROM NEW.hash AND OLD.hash IS NOT NULL) EXECUTE FUNCTION free_replaced_file();
CREATE TRIGGER free_replaced_file AFTER UPDATE OF hash ON "Sample" FOR EACH ROW
  WHEN (OLD.hash IS DISTINCT FROM NEW.hash AND OLD.hash IS NOT NULL) EXECUTE FUNCTION free_replaced_file();
CREATE TRIGGER free_replaced_file AFTER UPDATE OF hash ON "Upload" FOR EACH ROW
  WHEN (OLD.hash IS DISTINCT FROM NEW.hash AND OLD.hash IS NOT NULL) EXECUTE FUNCTION free_replaced_file();
