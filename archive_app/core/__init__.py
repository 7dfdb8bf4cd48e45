"""The ground floor: database, unit of work, audit chain, flows, errors, clock, jobs, storage, language."""
