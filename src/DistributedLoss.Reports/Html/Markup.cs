namespace DistributedLoss.Reports.Html;

/// <summary>Text that is markup already and is written as it is: of the program's own making, never from data.</summary>
public readonly record struct Markup(string Text);
