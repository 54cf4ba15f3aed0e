namespace TradeActors.Domain.Instruments;

/// <summary>By which rule a future expires and leaves the front. The letters are those of the project's futures specification.</summary>
/// <remarks>
/// "(g)" marks general knowledge that no source of the project confirms. Where a class names no roll of its own, the contract leaves the front
/// on its last trade date: every one of these markets stops some time during that date, and an entry after that would be refused.
/// </remarks>
public enum RollClass
{
    /// <summary>Stocks and crypto pairs: there is one contract, without end.</summary>
    None,

    /// <summary>A. Expires on the 3rd Friday, or the business day before when it is a holiday. Rolls on the Monday before.</summary>
    Index,

    /// <summary>
    /// NKD: last trade on the business day before the 2nd Friday (CME contract specifications), a week before class A. Rolls on the Monday
    /// before (g).
    /// </summary>
    Nikkei,

    /// <summary>B. Last trade 3 business days before the 25th of the prior month; 4 when the 25th is no business day.</summary>
    CrudeOil,

    /// <summary>B for MCL: one business day before CL (g).</summary>
    MicroCrudeOil,

    /// <summary>C. Last trade on the 3rd-last business day of the prior month.</summary>
    NaturalGas,

    /// <summary>D. Last trade on the last business day of the prior month.</summary>
    RefinedProduct,

    /// <summary>
    /// E. Last trade on the 3rd-last business day of the contract month. Rolls on first notice, the last business day of the prior month, so that
    /// nothing is entered on it. GC skips October because its cycle here has none.
    /// </summary>
    Metal,

    /// <summary>
    /// F. Last trade 7 business days before the last business day of the contract month. Rolls on first notice, the last business day of the
    /// prior month.
    /// </summary>
    Treasury,

    /// <summary>F2. Last trade on the last business day of the contract month; rolls as F.</summary>
    ShortTreasury,

    /// <summary>G. Last trade on the 2nd business day before the 3rd Wednesday.</summary>
    Currency,

    /// <summary>6C: last trade on the business day before the 3rd Wednesday, a day after class G (CME contract specifications).</summary>
    CanadianDollar,

    /// <summary>H. Last trade on the last Friday, or the day before that is a business day both in the US and in London.</summary>
    Crypto,

    /// <summary>
    /// VX (g): 30 days before the 3rd Friday of the following month, counted from the business day before that Friday when it is a holiday; on the
    /// business day before when the day found is a holiday itself.
    /// </summary>
    Volatility,

    /// <summary>
    /// Grains and oilseeds. Rolls on first notice, the last business day of the prior month; last trade on the business day before the 15th (g).
    /// </summary>
    Grain,

    /// <summary>LE (g). Last trade on the last business day of the contract month; rolls on its first business day, when notices may begin.</summary>
    LiveCattle,

    /// <summary>HE (g). Last trade on the 10th business day of the contract month; settled in cash.</summary>
    LeanHogs,

    /// <summary>
    /// GF (g). Last trade on the last Thursday such that neither it nor the 4 weekdays before are holidays; in November, counted back from the
    /// Thursday before Thanksgiving. Settled in cash.
    /// </summary>
    FeederCattle,
}
