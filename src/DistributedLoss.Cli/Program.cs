using DistributedLoss.Cli;

// Stdout belongs to results, which have a stream of their own: whatever else writes to the console, a configured sink say, goes to stderr.
var console = CliConsole.OfProcess();
Console.SetOut(Console.Error);
using var signals = new SignalCancellation(Console.Error);
return DlossApp.Run(args, console, signals.Token);
