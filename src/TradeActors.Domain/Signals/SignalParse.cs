namespace TradeActors.Domain.Signals;

/// <summary>The outcome of reading a body: a signal, or what was wrong with it.</summary>
public abstract record SignalParse
{
    private SignalParse() { }

    public sealed record Parsed(ParsedSignal Signal) : SignalParse;

    /// <param name="Error">For the person who set up the sender: what was wrong and what to do. No secret, no control character.</param>
    public sealed record Invalid(string Error) : SignalParse;
}
