namespace TradeActors.Ledger.World;

/// <summary>What a recorder must hold after its signals, written down from the contract and not from the program.</summary>
public sealed class RecorderReplay(decimal initial, decimal add)
{
    private readonly SortedDictionary<string, decimal> _held = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, decimal> Held => _held;

    public decimal Of(string root) => _held.GetValueOrDefault(root);

    /// <returns>Null when it is accepted (and carried out here), else the reason of its rejection.</returns>
    public string? Take(SignalBody signal)
    {
        var held = Of(signal.Root);
        switch (signal.Meaning)
        {
            case Meaning.Buy or Meaning.Sell:
                var sign = signal.Meaning == Meaning.Buy ? 1 : -1;
                var isAdd = Math.Sign(held) == sign;
                var size = signal.Quantity ?? (isAdd ? add : initial);
                _held[signal.Root] = isAdd ? held + (sign * size) : sign * size;
                return null;
            case Meaning.Target:
                if (signal.Target == held)
                {
                    return held == 0m ? "NothingToClose" : "AlreadyAtTarget";
                }

                _held[signal.Root] = signal.Target;
                return null;
            default:
                if (held == 0m)
                {
                    return "NothingToClose";
                }

                _held[signal.Root] = signal.Meaning == Meaning.Reverse ? -Math.Sign(held) * initial
                    : signal.Quantity is { } quantity ? Math.Sign(held) * Math.Max(0m, Math.Abs(held) - quantity)
                    : 0m;
                return null;
        }
    }
}
