/// The forms of a polling body.
public enum PayloadForm: Sendable {
    /// Revision 4: see ``PayloadDecoder``.
    case separated
    /// Revision 3: see ``MeasuredPayloadDecoder``.
    case counted
    /// Revision 3, for bodies with bytes in them: see ``MeasuredPayloadDecoder``.
    case binary
}
