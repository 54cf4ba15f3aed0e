namespace TradeActors.Domain.Signals;

/// <summary>One way of writing a signal. Stateless.</summary>
internal interface ISignalDialect
{
    /// <summary>Whether a body is written in this dialect, judged by the keys that it has.</summary>
    bool Recognises(SignalFields fields);

    /// <summary>What the body says. The result counts only if <see cref="SignalFields.Error"/> is null afterwards.</summary>
    ParsedSignal Read(SignalFields fields);
}
