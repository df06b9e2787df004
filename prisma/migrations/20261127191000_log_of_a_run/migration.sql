-- The log of a run leaves out what comes with every step; without this it reads past all of that to find its lines.
CREATE INDEX "RunEvent_log_idx" ON "RunEvent"("runId", "seq") WHERE "type" NOT IN ('StepFinished', 'DenoisingStep');
