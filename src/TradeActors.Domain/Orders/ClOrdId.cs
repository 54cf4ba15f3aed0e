namespace TradeActors.Domain.Orders;

/// <summary>FIX ClOrdID (11): our name for one order request. A replace gets a new one; OrigClOrdID (41) points back.</summary>
/// <remarks>
/// 1 to 32 ASCII letters, digits, '-' or '_'. 32 is the narrowest length among the brokers we speak to (Webull, ProjectX); ids that we make
/// ourselves are letters and digits only (Webull's set).
/// </remarks>
public static class ClOrdId
{
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= 32 }
        && text.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") < 0;

    /// <summary>
    /// The id of an account's n-th order: incarnation (of the installation, changed by a restore), account key, n in base 36. Deterministic, so a
    /// retry of the same decision makes the same id; never reused, since n only rises and a restore changes the incarnation.
    /// </summary>
    /// <param name="incarnation">4 letters or digits.</param>
    /// <param name="accountKey">At most 16 letters or digits.</param>
    public static string Make(string incarnation, string accountKey, long n)
    {
        Span<char> digits = stackalloc char[13];
        var at = digits.Length;
        do
        {
            digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(n % 36)];
            n /= 36;
        }
        while (n > 0);
        return string.Concat(incarnation, accountKey, "x", digits[at..]);
    }
}
