namespace DistributedLoss.Simulation.World;

/// <summary>Loses, copies, delays and reorders what workers and the coordinator say to each other.</summary>
internal sealed class Network(VirtualClock clock, Dice dice, Faults faults, Coverage coverage, Trace trace)
{
    public const double MostDelaySeconds = 3;
    public const double UsualDelaySeconds = 0.005;

    private readonly Dictionary<(string Worker, bool IsReport), int> _latest = [];
    private int _sent;

    /// <param name="worker">At the other end from the coordinator.</param>
    /// <param name="isReport">From the worker; else to it.</param>
    /// <param name="message">For the trace.</param>
    public void Send(string worker, bool isReport, object message, Action deliver)
    {
        if (faults.Strikes(isReport ? Fault.ReportLost : Fault.CommandLost))
        {
            trace.Add($"  lost: {message}");
            return;
        }

        int number = _sent++;
        Deliver(number);
        if (faults.Strikes(isReport ? Fault.ReportCopied : Fault.CommandCopied))
        {
            trace.Add($"  copied: {message}");
            Deliver(number);
        }

        void Deliver(int order)
        {
            bool isDelayed = faults.Strikes(Fault.MessageDelayed);
            if (isDelayed)
            {
                trace.Add($"  delayed: {message}");
            }

            clock.After(dice.UpTo(isDelayed ? MostDelaySeconds : UsualDelaySeconds), () =>
            {
                int latest = _latest.GetValueOrDefault((worker, isReport), -1);
                if (order < latest)
                {
                    coverage.Count("message overtaken");
                }

                _latest[(worker, isReport)] = Math.Max(order, latest);
                deliver();
            });
        }
    }
}
