// Runs share the process here: Serilog's own log, which tells of sinks that fail, is one a process, and a run would hear another's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
