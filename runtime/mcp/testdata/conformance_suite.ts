/** The official conformance suite's command line, as a program of this repository. */
import "@modelcontextprotocol/conformance";
